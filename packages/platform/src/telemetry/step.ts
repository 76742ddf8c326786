import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  type Span,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { toPolyreelError } from "../errors.js";
import { failSpan } from "./fail-span.js";

/** Services share processes, each with its own tracer: a step belongs to that of the work around it. */
const TRACER = createContextKey("polyreel tracer");
const UNRECORDED = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
/** A brief step has no span below this: it explains nothing, and there are thousands. */
const BRIEF_MS = 5;

/** A context for work whose steps are exported. */
export const withSteps = (under: Context, tracer: Tracer): Context => under.setValue(TRACER, tracer);

const tracerHere = () => context.active().getValue(TRACER) as Tracer | undefined;

/**
 * Runs a step of the active span's work in a child span. Its failure has no exception event: the cause is recorded once,
 * by the work's own span. Without an exporter it just runs.
 */
export async function step<T>(
  name: string,
  work: (span: Span) => T | Promise<T>,
  attributes: Attributes = {},
): Promise<T> {
  const tracer = tracerHere();
  if (!tracer) return work(UNRECORDED);
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      failSpan(toPolyreelError(error).failure, { span });
      throw error;
    } finally {
      span.end();
    }
  });
}

/**
 * Like `step`, for what usually takes no time, like a wait for a free slot: it has a span only if it took five
 * milliseconds.
 * Spans inside it are children of the active span.
 */
export async function briefStep<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const tracer = tracerHere();
  if (!tracer) return work();
  const startTime = Date.now();
  const began = performance.now();
  let failed: { error: unknown } | undefined;
  try {
    return await work();
  } catch (error) {
    failed = { error };
    throw error;
  } finally {
    const tookMs = performance.now() - began;
    if (tookMs >= BRIEF_MS) {
      const span = tracer.startSpan(name, { startTime });
      if (failed) failSpan(toPolyreelError(failed.error).failure, { span });
      span.end(startTime + tookMs);
    }
  }
}

/** Runs work in the context of a span, so that its log lines name it, even after the span has ended. */
export const within = <T>(span: Span, work: () => T): T => context.with(trace.setSpan(context.active(), span), work);
