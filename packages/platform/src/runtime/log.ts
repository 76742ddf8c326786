import { trace } from "@opentelemetry/api";
import { type DestinationStream, type Logger, multistream, pino, stdSerializers } from "pino";
import { PolyreelError } from "../errors.js";

export type Log = Logger;

/**
 * A service's log: JSON lines on standard output (or `destination`), each with its trace and span; `exported` receives the same
 * lines. Texts of requests, URLs and keys must not be logged.
 */
export function createLog(
  service: string,
  level: string,
  destination?: DestinationStream,
  exported?: DestinationStream,
): Log {
  const streams = [destination, exported].flatMap((stream) => stream ?? []);
  return pino(
    {
      level,
      base: { service },
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const span = trace.getActiveSpan()?.spanContext();
        return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
      },
      serializers: { err: serializeError },
    },
    ...(streams.length > 1 ? [multistream(streams.map((stream) => ({ stream, level: "trace" })))] : streams),
  );
}

/** Errors with their chain of causes; for ours, the code and the named place. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof PolyreelError)) return error instanceof Error ? stdSerializers.err(error) : error;
  const { block, choice, reason } = error.failure;
  return {
    code: error.code,
    reason,
    ...(block && { block }),
    ...(choice && { choice }),
    ...(error.cause !== undefined && { cause: serializeError(error.cause) }),
    ...(error.code === "internal" && { stack: error.stack }),
  };
}
