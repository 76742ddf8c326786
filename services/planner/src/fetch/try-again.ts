import { delayAfter, spread } from "@polyreel/platform/flow";

/** Why a try did not succeed, where another one may. Known in this folder alone. */
export class TryAgain extends Error {
  override readonly name = "TryAgain";

  /** `reason`: a whole sentence. `afterMs`: how long the server asks to wait. */
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
 * How long to wait before the next try, in milliseconds, when `tried` have failed: growing, and spread (by `random`, from
 * 0 to 1) from half to one and a half of it, so that many who failed together don't come back together. Never sooner
 * than the server asks, up to `maxRetryAfterMs`.
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

/** What a Retry-After header asks for, in milliseconds from `now` (RFC 9110, 10.2.3: seconds or a date). */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
