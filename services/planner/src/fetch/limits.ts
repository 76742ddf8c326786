/** Limits of a fetch. Times in milliseconds. */
export interface FetchLimits {
  readonly maxBytes: number;
  /** From the look-up of the name until the connection is established, including TLS. */
  readonly connectMs: number;
  /** Time without an answer or data after which an attempt is aborted. */
  readonly stallMs: number;
  /** For the whole fetch: attempts, redirects and delays. */
  readonly deadlineMs: number;
  /** Limit of attempts. */
  readonly tries: number;
  /** Approximate delay before the second attempt; four times that before the third, and so on. */
  readonly retryDelayMs: number;
  /** Upper limit for Retry-After: a server that asks for a longer delay is requested again after this one. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_LIMITS: FetchLimits = {
  maxBytes: 5 * 1024 ** 3,
  connectMs: 10_000,
  stallMs: 15_000,
  deadlineMs: 30 * 60_000,
  tries: 3,
  retryDelayMs: 1000,
  maxRetryAfterMs: 60_000,
};
