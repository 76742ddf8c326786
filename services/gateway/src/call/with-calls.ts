import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { HandlerContext, MethodImpl, ServiceImpl } from "@connectrpc/connect";
import { neededFor } from "../access/method-roles.js";
import { assertPermitted } from "../access/permitted.js";
import { callerKey } from "../access/with-callers.js";
import { addressKey } from "../server/client-address.js";
import type { Call } from "./call.js";
import { identify, TENANT_HEADER } from "./identify.js";

type CallHandler<M extends DescMethod> =
  MethodImpl<M> extends (request: infer Request, context: HandlerContext) => infer Answer
    ? (request: Request, call: Call) => Answer
    : never;

/** A service's handlers, each receiving a Call. */
export type CallHandlers<S extends DescService> = { [Name in keyof S["method"]]: CallHandler<S["method"][Name]> };

/** Adapts a service for Connect: every handler is invoked with a Call, by callers whose role suffices. */
export function withCalls<S extends DescService>(service: S, handlers: CallHandlers<S>): ServiceImpl<S> {
  const byName = handlers as Readonly<Record<string, (request: unknown, call: Call) => unknown>>;
  const wrapped = service.methods.map(({ localName }) => {
    const needed = neededFor(service.typeName, localName);
    if (needed === undefined) throw new Error(`${service.typeName}.${localName} has no role in METHOD_ROLES`);
    const handle = (request: unknown, { requestHeader, signal, values }: HandlerContext) => {
      const caller = values.get(callerKey);
      assertPermitted(caller, needed, service.typeName);
      const call = identify({ header: requestHeader.get(TENANT_HEADER), caller }, signal);
      return byName[localName]?.(request, { ...call, address: values.get(addressKey) });
    };
    return [localName, handle] as const;
  });
  return Object.fromEntries(wrapped) as ServiceImpl<S>;
}
