import { randomBytes } from "node:crypto";
import {
  type Attributes,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { parseTraceParent, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Log } from "../runtime/log.js";
import { checkSampler, reportUnknown } from "./environment.js";
import { createExporter, type TelemetryConfig } from "./exporter.js";
import { failSpanBy } from "./fail-span.js";
import { reportOutages } from "./report-outages.js";
import { withSteps } from "./step.js";

export type { Attributes, Link, Span };
export { SpanKind, SpanStatusCode };

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** W3C traceparents of spans that this one depends on without being their child; empty and malformed ones are ignored. */
  readonly links?: readonly string[];
  /** W3C traceparent of the parent; `null` for a new trace. The active span by default. */
  readonly parent?: string | null;
}

/** Tracing of one service. Several may share a process, each with its own name. */
export interface Telemetry {
  /** Runs `work` in a span, which records its error and ends with it. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** Exports pending spans. */
  close(): Promise<void>;
}

const propagator = new W3CTraceContextPropagator();

/** W3C traceparent of a span, or of the active one; empty if there is none. */
export function traceparent(span: Span | undefined = trace.getActiveSpan()): string {
  const spanContext = span?.spanContext();
  if (!spanContext || !isSpanContextValid(spanContext)) return "";
  return `00-${spanContext.traceId}-${spanContext.spanId}-${spanContext.traceFlags.toString(16).padStart(2, "0")}`;
}

/** Trace id of the active span; empty if there is none. */
export const activeTraceId = (): string => trace.getActiveSpan()?.spanContext().traceId ?? "";

function linksTo(parents: readonly string[]): Link[] {
  return parents.flatMap((parent) => {
    const linked = parseTraceParent(parent);
    return linked ? [{ context: linked }] : [];
  });
}

/** Names the active span after what its work turned out to be, and describes it. */
export function describeSpan(name: string, attributes: Attributes): void {
  trace.getActiveSpan()?.updateName(name).setAttributes(attributes);
}

/** Links a running span to others, by their W3C traceparents. */
export function linkSpan(span: Span, parents: readonly string[]): void {
  if (span.isRecording()) span.addLinks(linksTo(parents));
}

/**
 * Tracing for a service, configured by the standard OTEL_* variables. Spans have ids, so that logs and manifests can
 * name traces, even if nothing is exported: that is the case unless OTEL_EXPORTER_OTLP_ENDPOINT,
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_TRACES_EXPORTER is set. The SDK is loaded only then; there is one provider per
 * service if several share a process. `log` receives a warning when a collector becomes unavailable.
 */
export async function createTelemetry(service: string, env: TelemetryConfig, log?: Log): Promise<Telemetry> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
  reportUnknown(env, log);
  const exporter = await createExporter(env);
  if (!exporter) return { span: (_name, options, work) => runUnrecorded(options, work), close: async () => {} };
  checkSampler(env);
  const { openProvider } = await import("./open-provider.js");
  const provider = openProvider(service, log ? reportOutages("traces", exporter, log) : exporter, env);
  const tracer = provider.getTracer("polyreel");
  return {
    span: (name, options, work) => runInSpan(tracer, name, options, work),
    // Spans that a dead collector does not accept are reported elsewhere; closing is still clean.
    close: () => provider.shutdown().catch(() => {}),
  };
}

const parentOf = (parent: string | null | undefined): SpanContext | undefined => {
  if (parent === undefined) return trace.getActiveSpan()?.spanContext();
  const spanContext = parent ? parseTraceParent(parent) : null;
  return spanContext ? { ...spanContext, isRemote: true } : undefined;
};

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Runs in a span that is never exported: it has ids, for logs and manifests, at almost no cost. */
function runUnrecorded<T>({ parent }: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const above = parentOf(parent);
  const span = trace.wrapSpanContext({
    traceId: above?.traceId ?? randomBytes(TRACE_ID_BYTES).toString("hex"),
    spanId: randomBytes(SPAN_ID_BYTES).toString("hex"),
    traceFlags: above?.traceFlags ?? TraceFlags.SAMPLED, // Other services may export theirs.
  });
  return context.with(trace.setSpan(ROOT_CONTEXT, span), work, undefined, span);
}

function runInSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { kind = SpanKind.INTERNAL, attributes = {}, links = [], parent } = options;
  const above = parentOf(parent);
  const under = above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT;
  const span = tracer.startSpan(name, { kind, attributes, links: linksTo(links) }, under);
  return context.with(withSteps(trace.setSpan(ROOT_CONTEXT, span), tracer, span), async () => {
    try {
      return await work(span);
    } catch (error) {
      failSpanBy(error, span);
      throw error;
    } finally {
      span.end();
    }
  });
}
