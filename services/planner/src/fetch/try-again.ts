import { delayAfter, spread } from "@polyreel/platform/flow";

/** A failed attempt that may be retried. Used only in this folder. */
export class TryAgain extends Error {
  override readonly name = "TryAgain";

  /** `reason`: a complete sentence. `afterMs`: the delay that the server asks for. */
  constructor(
    readonly reason: string,
    readonly remedy: string,
    readonly afterMs?: number,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

const GROWTH = 4;

/**
 * Delay before the next attempt in milliseconds, after `tried` failed ones: growing, and spread from half to one and a
 * half of it (by `random`, from 0 to 1), so that fetches that failed together are not retried together. Not shorter
 * than the server's `afterMs`, up to `maxRetryAfterMs`.
 */
export function delayBefore(
  tried: number,
  { afterMs = 0 }: Pick<TryAgain, "afterMs">,
  { retryDelayMs, maxRetryAfterMs }: { retryDelayMs: number; maxRetryAfterMs: number },
  random: number,
): number {
  const grown = delayAfter(tried, { firstMs: retryDelayMs, growth: GROWTH });
  return Math.max(spread(grown, random, 1.5), Math.min(afterMs, maxRetryAfterMs));
}
