import { setTimeout as sleep } from "node:timers/promises";

/** Delays between attempts that grow with each failure. */
export interface BackOff {
  /** After the first failure. */
  readonly firstMs: number;
  /** Factor from one delay to the next; 2 by default. */
  readonly growth?: number;
  /** Unlimited by default. */
  readonly longestMs?: number;
}

/** The delay in milliseconds before the next attempt, after `failed` (from 1) failures. */
export const delayAfter = (
  failed: number,
  { firstMs, growth = 2, longestMs = Number.POSITIVE_INFINITY }: BackOff,
): number => Math.min(longestMs, firstMs * growth ** (failed - 1));

/**
 * Randomises a delay evenly, from half of it to `upTo` times (`random` from 0 to 1), so that clients that failed
 * together don't return together.
 */
export const spread = (delayMs: number, random: number, upTo: number): number =>
  delayMs * (0.5 + random * (upTo - 0.5));

/**
 * Repeats the work until it succeeds. `onFailure` receives each error and the number of failures (from 1); it returns
 * the delay in milliseconds before the next attempt, or throws to give up. Throws when the signal aborts, before an
 * attempt or during a delay.
 */
export async function retry<T>(
  work: () => Promise<T>,
  onFailure: (error: unknown, failed: number) => number,
  signal?: AbortSignal,
): Promise<T> {
  for (let failed = 1; ; failed++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      await sleep(onFailure(error, failed), undefined, { signal });
    }
  }
}

/** Like `retry`; undefined if the signal aborts. */
export const retryUnlessAborted = <T>(
  work: () => Promise<T>,
  onFailure: (error: unknown, failed: number) => number,
  signal: AbortSignal,
): Promise<T | undefined> =>
  retry(work, onFailure, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
