import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { limitsOf } from "./environment.js";
import type { TelemetryConfig } from "./exporter.js";
import { resourceOf } from "./resource.js";

/** The provider of a service's spans. Assembled by hand: half the start time of the whole SDK. */
export function openProvider(service: string, exporter: SpanExporter, env: TelemetryConfig): BasicTracerProvider {
  return new BasicTracerProvider({
    resource: resourceOf(service),
    ...limitsOf(env),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
}
