import type { Store } from "@polyreel/platform/blobs";

const KEY = "parts-removed";

/** Lets other processes forget parts that they have in memory: those that were made again may have other bytes. */
export const announceRemovals = (store: Store): Promise<void> =>
  store.write(KEY, Buffer.from(new Date().toISOString()));

/** Whether parts were removed since this was asked last; asks the store a few times a second at most. */
export class Removals {
  #seen: number | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly store: Pick<Store, "stat">) {}

  async since(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#askedAt < ASK_EVERY_MS) return false;
    this.#askedAt = now;
    const at = (await this.store.stat(KEY))?.usedAt.getTime() ?? 0;
    const removed = this.#seen !== undefined && at !== this.#seen;
    this.#seen = at;
    return removed;
  }
}

const ASK_EVERY_MS = 200;
