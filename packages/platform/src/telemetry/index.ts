export {
  activeTraceId,
  createTelemetry,
  linkSpan,
  type Span,
  SpanKind,
  type SpanOptions,
  type Telemetry,
  traceparent,
} from "./telemetry.js";
