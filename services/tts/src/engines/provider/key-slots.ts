import { setTimeout as sleep } from "node:timers/promises";
import { spread } from "@polyreel/platform/flow";
import type { Leases } from "@polyreel/platform/stream";
import pLimit, { type LimitFunction } from "p-limit";
import type { SpeakRequest } from "../speech-engine.js";

/** Interval of looking for a slot while other processes hold all of them. */
const ASK_AGAIN_MS = 200;
/** Lines that wait for a key without holding a slot of this machine, in multiples of the key's slots. */
const WAITING = 2;

/** What other processes share: leases, under a name for the key. */
export interface SharedSlots {
  readonly name: string;
  readonly leases: Pick<Leases, "tryHold">;
}

/** Slots of a provider's key: providers limit the requests of a key at the same time, not their rate. */
export class KeySlots {
  readonly #own: LimitFunction;

  constructor(
    private readonly concurrency: number,
    private readonly shared?: SharedSlots,
  ) {
    this.#own = pLimit(concurrency);
  }

  /**
   * Runs the work in a slot. Waits outside the caller's own slot, unless many wait already: each of them holds a message
   * of the stream.
   */
  use<T>(work: () => Promise<T>, { signal, outsideSlot }: Pick<SpeakRequest, "signal" | "outsideSlot">): Promise<T> {
    const inTurn = () =>
      this.#own(() => {
        signal.throwIfAborted();
        return this.shared ? this.#useShared(work, this.shared, signal) : work();
      });
    const isFull = this.#own.pendingCount >= WAITING * this.concurrency;
    return outsideSlot && !isFull ? outsideSlot(inTurn) : inTurn();
  }

  async #useShared<T>(work: () => Promise<T>, { name, leases }: SharedSlots, signal: AbortSignal): Promise<T> {
    for (;;) {
      // Others start elsewhere, so that they rarely ask for the same slot.
      const first = Math.floor(Math.random() * this.concurrency);
      for (let i = 0; i < this.concurrency; i++) {
        let result: { value: T } | undefined;
        await leases.tryHold(`${name}.${(first + i) % this.concurrency}`, async () => {
          result = { value: await work() };
        });
        if (result) return result.value;
        signal.throwIfAborted();
      }
      await sleep(spread(ASK_AGAIN_MS, Math.random(), 2), undefined, { signal });
    }
  }
}
