import type { Log } from "../runtime/log.js";
import { type TelemetryConfig, unknown } from "./exporter.js";

/** Standard variables that are acted on, some of them by the SDK; others with a value are reported, as they promise something. */
const KNOWN =
  /^OTEL_(SDK_DISABLED|RESOURCE_ATTRIBUTES|LOGS_EXPORTER|TRACES_(EXPORTER|SAMPLER(_ARG)?)|EXPORTER_OTLP_(?!METRICS)\w+|(BSP|BLRP)_\w+)$/;
const LIMITS = /^OTEL_(SPAN|ATTRIBUTE|EVENT|LINK|LOGRECORD)_\w*(LIMIT|COUNT_LIMIT)$/;

export function reportUnknown(env: TelemetryConfig, log: Log | undefined): void {
  for (const [name, value = ""] of Object.entries(env)) {
    if (!name.startsWith("OTEL_") || KNOWN.test(name) || LIMITS.test(name) || value === "" || value === "none")
      continue;
    log?.warn({ variable: name }, "this variable has no effect here");
  }
}

const SAMPLERS = ["always_on", "always_off", "traceidratio"].flatMap((name) => [name, `parentbased_${name}`]);

/** The SDK reads these variables itself, and takes all traces if it does not understand them. */
export function checkSampler({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio }: TelemetryConfig): void {
  if (!sampler) return;
  if (!SAMPLERS.includes(sampler)) throw unknown("OTEL_TRACES_SAMPLER", sampler, SAMPLERS.join(", "));
  if (!sampler.endsWith("traceidratio") || !ratio) return;
  const is = Number(ratio);
  if (!(is >= 0 && is <= 1)) throw unknown("OTEL_TRACES_SAMPLER_ARG", ratio, "a number from 0 to 1");
}

/** Longest text of an attribute: collectors refuse batches of more than four megabytes. In characters. */
const MAX_TEXT = 4096;

const hasLimit = (of: "SPAN" | "LOGRECORD", env: TelemetryConfig) =>
  env.OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT || env[`OTEL_${of}_ATTRIBUTE_VALUE_LENGTH_LIMIT`];

/** Limits of spans, where the environment sets none. */
export const limitsOf = (env: TelemetryConfig) =>
  hasLimit("SPAN", env) ? {} : { spanLimits: { attributeValueLengthLimit: MAX_TEXT } };

/** The same for lines of logs. */
export const logLimitsOf = (env: TelemetryConfig) =>
  hasLimit("LOGRECORD", env) ? {} : { logRecordLimits: { attributeValueLengthLimit: MAX_TEXT } };
