import { ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import { type AnyValueMap, type Logger, SeverityNumber } from "@opentelemetry/api-logs";
import type { DestinationStream } from "pino";
import type { Running } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { logLimitsOf } from "./environment.js";
import { createLogExporter, type TelemetryConfig } from "./exporter.js";
import { reportOutages } from "./report-outages.js";
import { resourceOf } from "./resource.js";

/** Receives the lines of a log, and exports them. */
type ExportedLog = DestinationStream & Running;

const SEVERITIES: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/**
 * A destination for a service's log that exports its lines over OTLP, with severity, trace and span. It receives what
 * standard output receives, and so nothing that is withheld there. Undefined unless OTEL_LOGS_EXPORTER asks for it. `local` receives
 * warnings when the collector is unavailable, which can't be exported.
 */
export async function exportLogs(
  service: string,
  env: TelemetryConfig,
  local: DestinationStream,
): Promise<ExportedLog | undefined> {
  const exporter = await createLogExporter(env);
  if (!exporter) return undefined;
  const { BatchLogRecordProcessor, LoggerProvider } = await import("@opentelemetry/sdk-logs");
  const provider = new LoggerProvider({
    resource: resourceOf(service),
    ...logLimitsOf(env),
    processors: [
      new BatchLogRecordProcessor({ exporter: reportOutages("logs", exporter, createLog(service, "info", local)) }),
    ],
  });
  const logger = provider.getLogger("polyreel");
  return {
    write: (line) => emit(logger, JSON.parse(line) as Line),
    close: () => provider.shutdown().catch(() => {}),
  };
}

/** A line of the log. */
interface Line extends AnyValueMap {
  readonly level: string;
  readonly time: string;
  readonly message: string;
  readonly trace_id?: string;
  readonly span_id?: string;
}

function emit(
  logger: Logger,
  { level, time, message, trace_id: traceId, span_id: spanId, service: _, ...about }: Line,
) {
  const span = traceId && spanId ? { traceId, spanId, traceFlags: TraceFlags.SAMPLED } : undefined;
  logger.emit({
    timestamp: new Date(time),
    severityNumber: SEVERITIES[level] ?? SeverityNumber.UNSPECIFIED,
    severityText: level,
    body: message,
    attributes: about,
    context: span ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT,
  });
}
