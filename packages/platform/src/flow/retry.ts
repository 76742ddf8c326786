import { setTimeout as sleep } from "node:timers/promises";

/** Delays between tries that grow with each failure. */
export interface BackOff {
  /** After the first failure. */
  readonly firstMs: number;
  /** Each delay is so many times the one before; 2 where left out. */
  readonly growth?: number;
  /** Unbounded where left out. */
  readonly longestMs?: number;
}

/** The delay in milliseconds before the next try, when `failed` (from 1) have failed. */
export const delayAfter = (
  failed: number,
  { firstMs, growth = 2, longestMs = Number.POSITIVE_INFINITY }: BackOff,
): number => Math.min(longestMs, firstMs * growth ** (failed - 1));

/**
 * Spreads a delay evenly, from half of it to `upTo` times (by `random`, from 0 to 1), so that many who failed together don't
 * come back together.
 */
export const spread = (delayMs: number, random: number, upTo: number): number =>
  delayMs * (0.5 + random * (upTo - 0.5));

/**
 * Does the work until it succeeds. `onFailure` gets each error and how many tries have failed (from 1): it gives the delay in
 * milliseconds before the next try, or throws where there is none. Throws when the signal aborts, before a try or in a delay.
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

/** As `retry`; undefined where the signal aborts. */
export const retryUnlessAborted = <T>(
  work: () => Promise<T>,
  onFailure: (error: unknown, failed: number) => number,
  signal: AbortSignal,
): Promise<T | undefined> =>
  retry(work, onFailure, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
