import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { HandlerContext, MethodImpl, ServiceImpl } from "@connectrpc/connect";
import type { Call } from "./call.js";
import { identify, TENANT_HEADER } from "./identify.js";

type CallHandler<M extends DescMethod> =
  MethodImpl<M> extends (request: infer Request, context: HandlerContext) => infer Answer
    ? (request: Request, call: Call) => Answer
    : never;

/** A service's handlers, each receiving a Call. */
export type CallHandlers<S extends DescService> = { [Name in keyof S["method"]]: CallHandler<S["method"][Name]> };

/** Adapts a service for Connect: every handler is invoked with a Call. */
export function withCalls<S extends DescService>(service: S, handlers: CallHandlers<S>): ServiceImpl<S> {
  const byName = handlers as Readonly<Record<string, (request: unknown, call: Call) => unknown>>;
  const wrapped = service.methods.map(({ localName }) => {
    const handle = (request: unknown, { requestHeader, signal }: HandlerContext) =>
      byName[localName]?.(request, identify({ header: requestHeader.get(TENANT_HEADER) }, signal));
    return [localName, handle] as const;
  });
  return Object.fromEntries(wrapped) as ServiceImpl<S>;
}
