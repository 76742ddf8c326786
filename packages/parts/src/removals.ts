import { randomUUID } from "node:crypto";
import { type BlobStore, readBytesIfAny } from "@polyreel/platform/blobs";

const KEY = "parts-removed";

/** Lets other processes forget parts that they have in memory: those that were made again may have other bytes. */
export async function announceRemovals(store: BlobStore): Promise<void> {
  await store.put(KEY, Buffer.from(`${new Date().toISOString()} ${randomUUID()}`));
}

/** Whether parts were removed since this was asked last; asks the store a few times a second at most. */
export class Removals {
  #seen: string | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly store: Pick<BlobStore, "read">) {}

  async since(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#askedAt < ASK_EVERY_MS) return false;
    this.#askedAt = now;
    // Not when it was written: some stores know that to the second only.
    const last = (await readBytesIfAny(this.store, KEY))?.toString() ?? "";
    const removed = this.#seen !== undefined && last !== this.#seen;
    this.#seen = last;
    return removed;
  }
}

const ASK_EVERY_MS = 200;
