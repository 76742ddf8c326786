import { formatSpan, PolyreelError } from "@polyreel/platform";
import { delayAfter, spread } from "@polyreel/platform/flow";

/** After this many tries a failure of our own that trying again could mend is final. */
export const MAX_TRIES = 5;
/** A message that was at work so often when its process died is not begun any more: its handler may be what it died of. */
export const MAX_LOST = 20;

const BACK_OFF = { firstMs: 500, longestMs: 30_000 };

export type Outcome = { readonly kind: "retry"; readonly delayMs: number } | { readonly kind: "give-up" };

/** How a piece of work has fared by now. */
export interface Attempts {
  /** Failures, from 1, this one included. */
  readonly failed: number;
  /** Since the first of them. */
  readonly waitedMs: number;
}

export interface RetryPolicy {
  /** How long an outage is waited for. */
  readonly outageWaitMs: number;
  /** Never given up, whatever the error. */
  readonly untilDone?: boolean | undefined;
}

/**
 * What follows from a failure: the one place that decides it. Faults of the input are final. Outages are waited for, up to
 * `outageWaitMs`. Our own faults get `MAX_TRIES`. The delay doubles up to half a minute, each spread over half to all of it
 * (`random` from 0 to 1), so that what failed together does not come back together; the last try comes at the end of the wait.
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

/** An error as it is published for good: how often it was tried, and how long it was waited for, are part of the reason. */
export function afterTries(error: PolyreelError, { failed, waitedMs }: Attempts): PolyreelError {
  if (failed < 2) return error;
  const within = error.outage ? ` in ${formatSpan(waitedMs)}` : "";
  const reason = `${error.failure.reason.replace(/\.$/, "")}; tried ${failed} times${within}.`;
  return new PolyreelError(error.code, { ...error.failure, reason }, { cause: error, outage: error.outage });
}
