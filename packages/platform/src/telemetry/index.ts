export { exportLogs } from "./export-logs.js";
export { failSpan, failSpanBy } from "./fail-span.js";
export { briefStep, step, timed, within } from "./step.js";
export {
  activeTraceId,
  createTelemetry,
  describeSpan,
  linkSpan,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Telemetry,
  traceparent,
} from "./telemetry.js";
