import {
  type Attributes,
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import { toPolyreelError } from "../errors.js";
import { createExporter, type TelemetryConfig } from "./exporter.js";

export type { Attributes, Context, Link, Span };
export { SpanKind };

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** W3C traceparents of spans that this one rests on without being their child; empty and malformed ones are left out. */
  readonly links?: readonly string[];
  /** W3C traceparent of the parent; `null`: a trace of its own. The active span where left out. */
  readonly parent?: string | null;
}

/** Tracing of one service. Several may live in one process, each with its own name. */
export interface Telemetry {
  /** Runs `work` in a span, which ends with it and tells its error. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** Sends what is still to be sent. */
  close(): Promise<void>;
}

const propagator = new W3CTraceContextPropagator();

/** W3C traceparent of a span, or of the active one; empty where there is none. */
export function traceparent(span: Span | undefined = trace.getActiveSpan()): string {
  if (!span) return "";
  const carrier: Record<string, string> = {};
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
  return carrier.traceparent ?? "";
}

/** Trace id of the active span; empty where there is none. */
export const activeTraceId = (): string => trace.getActiveSpan()?.spanContext().traceId ?? "";

const contextOf = (parent: string): Context =>
  propagator.extract(ROOT_CONTEXT, { traceparent: parent }, defaultTextMapGetter);

function linksTo(parents: readonly string[]): Link[] {
  return parents.flatMap((parent) => {
    const linked = trace.getSpanContext(contextOf(parent));
    return linked ? [{ context: linked }] : [];
  });
}

/** Links a span that has begun to others, by their W3C traceparents. */
export const linkSpan = (span: Span, parents: readonly string[]): void => void span.addLinks(linksTo(parents));

/**
 * Tracing for a service as the standard OTEL_* variables say. Spans get ids, so that logs and manifests can name traces,
 * also where nothing is exported: that is the case unless OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
 * or OTEL_TRACES_EXPORTER is set. The provider is assembled by hand: half the start time of the whole SDK, and one
 * provider a service where several share a process.
 */
export async function createTelemetry(service: string, env: TelemetryConfig): Promise<Telemetry> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
  const exporter = await createExporter(env);
  const fromEnvironment = detectResources({ detectors: [envDetector] });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.namespace": "polyreel" })
      .merge(fromEnvironment)
      .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: service })),
    spanProcessors: exporter ? [new BatchSpanProcessor(exporter)] : [],
  });
  const tracer = provider.getTracer("polyreel");
  return {
    span: (name, options, work) => runInSpan(tracer, name, options, work),
    close: () => provider.shutdown(),
  };
}

function runInSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { kind = SpanKind.INTERNAL, attributes = {}, links = [], parent } = options;
  const under = parent === undefined ? context.active() : parent === null ? ROOT_CONTEXT : contextOf(parent);
  return tracer.startActiveSpan(name, { kind, attributes, links: linksTo(links) }, under, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      const { code, message } = toPolyreelError(error);
      span.setAttribute("error.type", code);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
}
