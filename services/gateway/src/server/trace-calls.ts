import type { ConnectError, Interceptor } from "@connectrpc/connect";
import { record } from "@polyreel/platform/metrics";
import { failSpanBy, type Span, SpanKind, type Telemetry } from "@polyreel/platform/telemetry";
import { untilEnd } from "./call-end.js";
import { addressKey } from "./client-address.js";
import { isServersFault, statusName, toConnectError } from "./errors.js";

/**
 * A server span around each call, under the caller's trace (W3C traceparent) or a new one; a stream's span lasts until
 * its last message. It has failed by the rules for servers of gRPC; errors carry its trace id in the header `trace-id`.
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

    const began = performance.now();
    return new Promise((resolve, reject) => {
      const spanned = telemetry.span(rpc, options, async (span) => {
        tell(span, request.stream ? undefined : request.message);
        await new Promise<void>((over) => {
          const end = (error?: unknown) => {
            const status = error === undefined ? undefined : toConnectError(error);
            span.setAttribute("rpc.response.status_code", statusName(status));
            const ended = { "rpc.method": rpc, "rpc.response.status_code": statusName(status) };
            record("rpc.server.call.duration", ended, (performance.now() - began) / 1000);
            if (status && isServersFault(status)) failSpanBy(status.cause ?? status, span, statusName(status));
            over();
            return status && withTrace(status, span);
          };
          const answer = untilEnd(() => next(request), end).then((response) => {
            tell(span, response.stream ? undefined : response.message);
            return response;
          });
          answer.then(resolve, reject);
        });
      });
      spanned.catch(reject);
    });
  };
}

/** The batch that a call is about. */
function tell(span: Span, message: object | undefined): void {
  const { batchId, batch } = (message ?? {}) as { batchId?: unknown; batch?: { batchId?: unknown } };
  for (const id of [batchId, batch?.batchId]) {
    if (typeof id === "string" && id !== "") span.setAttribute("polyreel.batch.id", id);
  }
}

function withTrace(status: ConnectError, span: Span): ConnectError {
  status.metadata.set("trace-id", span.spanContext().traceId);
  return status;
}
