import type { Interceptor } from "@connectrpc/connect";
import { SpanKind, type Telemetry } from "@polyreel/platform/telemetry";
import { untilEnd } from "./call-end.js";
import { addressKey } from "./client-address.js";
import { isOurFault, statusName, toConnectError } from "./errors.js";

/**
 * A server span around each call, under the caller's trace (W3C traceparent) or a new one; a stream's span lasts until
 * its last message. Only the server's own faults mark it as failed.
 * Attributes: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/
 */
export function traceCalls(telemetry: Telemetry): Interceptor {
  return (next) => (request) => {
    const rpc = `${request.service.typeName}/${request.method.name}`;
    if (rpc.startsWith("grpc.")) return next(request); // Health and reflection.
    const system = request.header.get("content-type")?.startsWith("application/grpc") ? "grpc" : "connectrpc";
    const client = request.contextValues.get(addressKey);
    const attributes = { "rpc.system.name": system, "rpc.method": rpc, "client.address": client };
    const options = { kind: SpanKind.SERVER, attributes, parent: request.header.get("traceparent") };

    return new Promise((resolve, reject) => {
      const spanned = telemetry.span(rpc, options, async (span) => {
        const fault = await new Promise<unknown>((over) => {
          const end = (error?: unknown) => {
            const status = error === undefined ? undefined : toConnectError(error);
            span.setAttribute("rpc.response.status_code", statusName(status));
            over(status && isOurFault(status) ? (status.cause ?? status) : undefined);
            return error;
          };
          untilEnd(() => next(request), end).then(resolve, reject);
        });
        if (fault !== undefined) throw fault; // The span has recorded it; the caller has it already.
      });
      spanned.catch(reject);
    });
  };
}
