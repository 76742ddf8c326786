import { ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Log } from "../runtime/log.js";

/**
 * Wraps an exporter to log when its collector becomes unavailable and when it is back, once each; otherwise its
 * failures are invisible.
 */
export function reportOutages(exporter: SpanExporter, log: Log): SpanExporter {
  let isAway = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !isAway) {
          log.warn(
            { err: result.error, remedy: "Check OTEL_EXPORTER_OTLP_ENDPOINT, and whether the collector runs." },
            "traces can't be exported; they are dropped until the collector takes them",
          );
        }
        if (!failed && isAway) log.info("traces are exported again");
        isAway = failed;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
