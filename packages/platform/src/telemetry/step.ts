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
const STEPS = createContextKey("polyreel steps");
const UNRECORDED = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
/** A brief step is not mentioned below this: it explains nothing. */
const MENTIONED_MS = 1;
/** From then on it has a span of its own. */
const SHOWN_MS = 100;

interface Steps {
  readonly tracer: Tracer;
  /** Of the work. */
  readonly span: Span;
  /** What brief steps took so far, by attribute. */
  readonly seconds: Record<string, number>;
}

/** A context for work whose steps are exported with its span. Work that is not sampled has no steps. */
export const withSteps = (under: Context, tracer: Tracer, span: Span): Context =>
  span.isRecording() ? under.setValue(STEPS, { tracer, span, seconds: {} } satisfies Steps) : under;

const stepsHere = () => context.active().getValue(STEPS) as Steps | undefined;

/**
 * Runs a step of the active span's work in a child span. Its failure has no exception event: the cause is recorded once,
 * by the work's own span. Without an exporter it just runs.
 */
export async function step<T>(
  name: string,
  work: (span: Span) => T | Promise<T>,
  attributes: Attributes = {},
): Promise<T> {
  const steps = stepsHere();
  if (!steps) return work(UNRECORDED);
  return steps.tracer.startActiveSpan(name, { attributes }, async (span) => {
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
 * Like `step`, for what usually takes no time, like the layout of a join: it adds its duration to an attribute of the
 * work's span, and has a span of its own only if it took a tenth of a second. Spans inside it are children of the active
 * span.
 */
export async function briefStep<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const steps = stepsHere();
  if (!steps) return work();
  const startTime = Date.now();
  let failed: { error: unknown } | undefined;
  try {
    return await timed(name, work);
  } catch (error) {
    failed = { error };
    throw error;
  } finally {
    const tookMs = Date.now() - startTime;
    if (tookMs >= SHOWN_MS) {
      const span = steps.tracer.startSpan(name, { startTime });
      if (failed) failSpan(toPolyreelError(failed.error).failure, { span });
      span.end(startTime + tookMs);
    }
  }
}

/** Like `briefStep`, for a wait that most work begins with: it never has a span of its own. */
export async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const steps = stepsHere();
  if (!steps) return work();
  const began = performance.now();
  try {
    return await work();
  } finally {
    const tookMs = performance.now() - began;
    if (tookMs >= MENTIONED_MS) addTo(steps, `polyreel.step.${name.replaceAll(" ", "_")}.seconds`, tookMs / 1000);
  }
}

function addTo({ span, seconds }: Steps, attribute: string, took: number): void {
  const sum = (seconds[attribute] ?? 0) + took;
  seconds[attribute] = sum;
  span.setAttribute(attribute, sum);
}

/** Runs work in the context of a span, so that its log lines name it, even after the span has ended. */
export const within = <T>(span: Span, work: () => T): T => context.with(trace.setSpan(context.active(), span), work);
