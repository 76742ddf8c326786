import type { LogRecordExporter } from "@opentelemetry/sdk-logs";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import { PolyreelError } from "../errors.js";

/** The standard OTEL_* variables. */
export type TelemetryConfig = Readonly<Record<string, string | undefined>>;

/**
 * The exporter selected by the standard variables, loaded on demand: OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER (`otlp`,
 * `console`, `none`), OTEL_EXPORTER_OTLP_[TRACES_]PROTOCOL (`http/protobuf`, the default, or `grpc`). The exporters
 * read endpoint, headers and timeouts themselves. Undefined: nothing is exported.
 * Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export async function createExporter(env: TelemetryConfig): Promise<SpanExporter | undefined> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const wanted = wantedBy("TRACES", env, endpoint ? "otlp" : "none");
  if (wanted === "none") return undefined;
  if (wanted === "console") return new (await import("@opentelemetry/sdk-trace-base")).ConsoleSpanExporter();
  if (wanted !== "otlp") throw unknown("OTEL_TRACES_EXPORTER", wanted, "otlp, console or none");
  if (protocolOf("TRACES", env) === "grpc") {
    return new (await import("@opentelemetry/exporter-trace-otlp-grpc")).OTLPTraceExporter();
  }
  return new (await import("@opentelemetry/exporter-trace-otlp-proto")).OTLPTraceExporter();
}

/** The same for logs, by OTEL_LOGS_EXPORTER (`otlp`, `none`): they are exported only if it asks for it. */
export async function createLogExporter(env: TelemetryConfig): Promise<LogRecordExporter | undefined> {
  const wanted = wantedBy("LOGS", env, "none");
  if (wanted === "none") return undefined;
  if (wanted !== "otlp") throw unknown("OTEL_LOGS_EXPORTER", wanted, "otlp or none");
  if (protocolOf("LOGS", env) === "grpc") {
    return new (await import("@opentelemetry/exporter-logs-otlp-grpc")).OTLPLogExporter();
  }
  return new (await import("@opentelemetry/exporter-logs-otlp-proto")).OTLPLogExporter();
}

type Signal = "TRACES" | "LOGS";

const wantedBy = (signal: Signal, env: TelemetryConfig, otherwise: string): string =>
  env.OTEL_SDK_DISABLED?.toLowerCase() === "true" ? "none" : env[`OTEL_${signal}_EXPORTER`] || otherwise;

function protocolOf(signal: Signal, env: TelemetryConfig): "grpc" | "http/protobuf" {
  const protocol = env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] || env.OTEL_EXPORTER_OTLP_PROTOCOL || "http/protobuf";
  for (const name of [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, "OTEL_EXPORTER_OTLP_ENDPOINT"]) {
    checkEndpoint(name, env[name], protocol);
  }
  if (protocol === "grpc" || protocol === "http/protobuf") return protocol;
  throw unknown("OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "http/protobuf or grpc");
}

/** Not repeated in errors: it may contain a key. gRPC's exporter also accepts only a host and a port. */
function checkEndpoint(name: string, value: string | undefined, protocol: string): void {
  if (!value || (protocol === "grpc" && /^[\w.-]+:\d+$/.test(value))) return;
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return;
  throw new PolyreelError("invalid", {
    reason: `${name} is not a URL of http or https.`,
    remedy: "Write it as in http://collector:4318 (http/protobuf) or http://collector:4317 (grpc), or leave it out.",
  });
}

/** A variable has an unknown value. */
export const unknown = (name: string, value: string, known: string) =>
  new PolyreelError("invalid", { reason: `${name} is "${value}".`, remedy: `Set it to ${known}, or leave it out.` });
