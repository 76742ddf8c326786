import { randomUUID } from "node:crypto";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import { VERSION } from "../version.js";

/** The provider of a service's spans. Assembled by hand: half the start time of the whole SDK. */
export function openProvider(service: string, exporter: SpanExporter): BasicTracerProvider {
  const fromEnvironment = detectResources({ detectors: [envDetector] });
  return new BasicTracerProvider({
    resource: defaultResource() // Of the SDK.
      .merge(resourceFromAttributes({ "service.namespace": "polyreel", "service.instance.id": randomUUID() }))
      .merge(fromEnvironment)
      .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, [ATTR_SERVICE_VERSION]: VERSION })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
}
