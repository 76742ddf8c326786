import { type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { type Failure, FailureCode } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "../errors.js";

/**
 * Marks a span as failed, by default the active one: with the code of the failure, or the `type` of a protocol. What was cancelled has not
 * failed. https://opentelemetry.io/docs/specs/semconv/general/recording-errors/
 */
export function failSpan(
  { code, reason, block, choice, field }: Failure,
  {
    span = trace.getActiveSpan(),
    type = FailureCode[code].toLowerCase(),
  }: { span?: Span | undefined; type?: string } = {},
): void {
  if (!span?.isRecording()) return;
  if (code === FailureCode.CANCELLED) {
    span.setAttribute("polyreel.cancelled", true);
    return;
  }
  span.setAttributes({
    "error.type": type,
    ...(block && { "polyreel.block": block }),
    ...(choice && { "polyreel.choice": choice }),
    ...(field && { "polyreel.field": field }),
  });
  span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
}

/** Marks a span as failed because of anything thrown, by default the active one; what caused it is an event of the span, as it is in the log. */
export function failSpanBy(error: unknown, span = trace.getActiveSpan(), type?: string): void {
  if (!span?.isRecording()) return;
  const known = toPolyreelError(error);
  failSpan(known.failure, { span, ...(type !== undefined && { type }) });
  const cause = rootCause(known);
  if (cause && known.code !== "cancelled") span.recordException(cause);
}

/** The first error of a chain of causes, unless it is ours, and said already. */
function rootCause(error: unknown): Error | undefined {
  let last = error;
  while (last instanceof Error && last.cause !== undefined) last = last.cause;
  return last instanceof Error && !(last instanceof PolyreelError) ? last : undefined;
}
