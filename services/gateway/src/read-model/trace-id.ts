/** Trace id in a W3C traceparent, `00-<trace id>-<span id>-<flags>`; empty if there is none. */
export const traceIdOf = (traceparent: string): string => traceparent.split("-")[1] ?? "";
