import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { Log } from "../runtime/log.js";

interface Exporter<T> {
  export(items: T[], done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Wraps an exporter of `what` to log when its collector becomes unavailable and when it is back, once each; otherwise its
 * failures are invisible.
 */
export function reportOutages<T>(what: "traces" | "logs", exporter: Exporter<T>, log: Log) {
  let isAway = false;
  return {
    export(items: T[], done: (result: ExportResult) => void) {
      exporter.export(items, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !isAway) {
          log.warn(
            { err: result.error, remedy: "Check OTEL_EXPORTER_OTLP_ENDPOINT, and whether the collector runs." },
            `${what} can't be exported; they are dropped until the collector takes them`,
          );
        }
        if (!failed && isAway) log.info(`${what} are exported again`);
        isAway = failed;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
