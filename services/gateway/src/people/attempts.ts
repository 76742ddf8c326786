import { PolyreelError } from "@polyreel/platform";
import { LRUCache } from "lru-cache";
import { clientAddress } from "../server/client-address.js";

/** How many failures are free, and how long the next attempt waits at most after more. */
interface Slowing {
  readonly free: number;
  readonly maxWaitMs: number;
}

/** Tight where others are not slowed; looser for an address, which many may share, and an account, whose owner would wait. */
const PAIR: Slowing = { free: 5, maxWaitMs: 15 * 60_000 };
const ADDRESS: Slowing = { free: 50, maxWaitMs: 5 * 60_000 };
const ACCOUNT: Slowing = { free: 100, maxWaitMs: 60_000 };
const FIRST_WAIT_MS = 2_000;
/** Failures count until none came for so long. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;
/** Bounds the memory: the longest unused are forgotten. */
const MAX_KNOWN = 50_000;

interface Failures {
  readonly count: number;
  readonly waitsUntil: number;
}

/**
 * Slows guesses of passwords: for each account from an address, for each address, and for each account. A wait doubles with each
 * failure. In the memory of one gateway.
 */
export class Attempts {
  readonly #failures = new LRUCache<string, Failures>({ max: MAX_KNOWN, ttl: FORGOTTEN_AFTER_MS });

  constructor(private readonly now: () => number = Date.now) {}

  /**
   * Begins an attempt, which counts as failed until `succeeded`: many at the same time are slowed, too. Throws PolyreelError
   * `exhausted`, with the time to wait, if it comes too early; that does not count.
   */
  begin(account: string, ip: string): { succeeded(): void } {
    const address = clientAddress(ip);
    const pair = `${account} ${address}`;
    const counted = [
      [`pair ${pair}`, PAIR],
      [`address ${address}`, ADDRESS],
      [`account ${account}`, ACCOUNT],
    ] as const;
    const waitMs = Math.max(...counted.map(([key]) => (this.#failures.get(key)?.waitsUntil ?? 0) - this.now()));
    if (waitMs > 0) throw tooMany(waitMs);
    for (const [key, slowing] of counted) this.#count(key, slowing);
    return {
      succeeded: () => {
        this.#failures.delete(`pair ${pair}`);
        for (const key of [`address ${address}`, `account ${account}`]) this.#uncount(key);
      },
    };
  }

  #count(key: string, { free, maxWaitMs }: Slowing): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const waitMs = count < free ? 0 : Math.min(maxWaitMs, FIRST_WAIT_MS * 2 ** Math.min(count - free, 30));
    this.#failures.set(key, { count, waitsUntil: this.now() + waitMs });
  }

  #uncount(key: string): void {
    const known = this.#failures.get(key);
    if (known) this.#failures.set(key, { count: known.count - 1, waitsUntil: 0 });
  }
}

/** Seconds to wait are the remedy's only number. */
const tooMany = (waitMs: number): PolyreelError =>
  new PolyreelError(
    "exhausted",
    { reason: "Too many sign-ins failed.", remedy: `Try again in ${Math.ceil(waitMs / 1000)} s.` },
    { retryAfterMs: waitMs },
  );
