import { formatSpan, PolyreelError } from "@polyreel/platform";
import { delayAfter, spread } from "@polyreel/platform/flow";

/** A retryable failure of our own is final after this many attempts. */
export const MAX_TRIES = 5;
/** A message whose process died this often is given up: its handler may be the cause. */
export const MAX_LOST = 20;

const BACK_OFF = { firstMs: 500, longestMs: 30_000 };

export type Outcome = { readonly kind: "retry"; readonly delayMs: number } | { readonly kind: "give-up" };

/** Attempts at a message so far. */
export interface Attempts {
  /** Failures, from 1, this one included. */
  readonly failed: number;
  /** Time since the first of them. */
  readonly waitedMs: number;
}

export interface RetryPolicy {
  /** Duration after which an outage is final. */
  readonly outageWaitMs: number;
  /** Retried after every error, without limit. */
  readonly untilDone?: boolean | undefined;
}

/**
 * Decides between retry and giving up; the only place that does. Faults of the input are final. Outages are retried for
 * up to `outageWaitMs`, our own faults for `MAX_TRIES` attempts. The delay doubles up to half a minute; each is spread
 * over its second half (`random` from 0 to 1), so that messages that failed together are not retried together. The last
 * attempt on an outage is at the end of `outageWaitMs`.
 */
export function outcomeOf(
  error: PolyreelError,
  { failed, waitedMs }: Attempts,
  { outageWaitMs, untilDone = false }: RetryPolicy,
  random: number,
): Outcome {
  const delayMs = Math.round(spread(delayAfter(failed, BACK_OFF), random, 1));
  if (untilDone) return { kind: "retry", delayMs };
  if (!error.retryable) return { kind: "give-up" };
  if (!error.outage) return failed >= MAX_TRIES ? { kind: "give-up" } : { kind: "retry", delayMs };
  const leftMs = outageWaitMs - waitedMs;
  return leftMs <= 0 ? { kind: "give-up" } : { kind: "retry", delayMs: Math.max(1, Math.min(delayMs, leftMs)) };
}

/** A final error as it is published: its reason includes the number of attempts, and the duration of an outage. */
export function afterTries(error: PolyreelError, { failed, waitedMs }: Attempts): PolyreelError {
  if (failed < 2) return error;
  const within = error.outage ? ` in ${formatSpan(waitedMs)}` : "";
  const reason = `${error.failure.reason.replace(/\.$/, "")}; tried ${failed} times${within}.`;
  return new PolyreelError(error.code, { ...error.failure, reason }, { cause: error, outage: error.outage });
}
