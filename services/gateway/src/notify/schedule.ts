const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Delays after failed attempts, as Standard Webhooks recommends: eight attempts within about 28 hours. */
export const DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  10 * HOUR,
];

/** No delay is longer, whatever a receiver asks for. */
export const LONGEST_DELAY_MS = 12 * HOUR;

/**
 * The delay after `failed` failed attempts (from 1); undefined if there is no further one. Randomised (by `random`, from
 * 0 to 1) by a tenth, and not shorter than the receiver's Retry-After. Counts attempts, not time: a clock that jumps
 * costs no attempt.
 */
export function delayAfterAttempt(failed: number, retryAfterMs: number, random: number): number | undefined {
  const delay = DELAYS_MS[failed - 1];
  if (delay === undefined) return undefined;
  const spreadMs = delay * (0.9 + 0.2 * random);
  return Math.min(LONGEST_DELAY_MS, Math.max(spreadMs, retryAfterMs));
}
