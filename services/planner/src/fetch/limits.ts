/** What a fetch may take. Times in milliseconds. */
export interface FetchLimits {
  readonly maxBytes: number;
  /** From asking for the name's addresses until the connection stands, TLS included. */
  readonly connectMs: number;
  /** Without an answer, or without a byte of it, for so long: it hangs. */
  readonly stallMs: number;
  /** For all of it: tries, redirects and the waiting in between. */
  readonly deadlineMs: number;
  /** How often it is tried. */
  readonly tries: number;
  /** About so long before the second try, four times that before the third, and so on. */
  readonly retryDelayMs: number;
  /** A server that asks for more patience is asked again after that time all the same. */
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
