import { LRUCache } from "lru-cache";

/** How often each caller may call. */
export interface Rate {
  readonly perSecond: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
}

/** Bounds the memory for callers that are many; the one that called longest ago has a full bucket again. */
const MAX_CALLERS = 50_000;

/**
 * A bucket of `burst` tokens for each caller, filled at the rate. Instead of tokens it keeps the time at which the bucket
 * would be full, which is one number and needs no timer (the "virtual scheduling" form of ITU-T I.371, Annex A).
 */
export class TokenBuckets {
  readonly #fullAt: LRUCache<string, number>;

  constructor(
    private readonly rate: Rate,
    max = MAX_CALLERS,
  ) {
    this.#fullAt = new LRUCache({ max });
  }

  /** Takes a token at a time in milliseconds. Returns 0, or how long it takes until there is one. */
  take(caller: string, now: number): number {
    const perToken = 1000 / this.rate.perSecond;
    const fullAt = Math.max(this.#fullAt.get(caller) ?? 0, now);
    const missing = fullAt + perToken - this.rate.burst * perToken - now;
    // Below the resolution of the sums above.
    if (missing > 1e-6) return missing;
    this.#fullAt.set(caller, fullAt + perToken);
    return 0;
  }
}
