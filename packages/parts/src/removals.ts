import { randomUUID } from "node:crypto";
import { type BlobStore, readBytesIfAny } from "@polyreel/platform/blobs";

const KEY = "parts-removed";

/** Lets other processes drop parts from their memory: parts that were made again may have other bytes. */
export async function announceRemovals(store: BlobStore): Promise<void> {
  await store.put(KEY, Buffer.from(`${new Date().toISOString()} ${randomUUID()}`));
}

/** Whether parts were removed since the last call; asks the store once a second at most. */
export class Removals {
  #seen: string | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly store: Pick<BlobStore, "read">) {}

  async since(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#askedAt < ASK_EVERY_MS) return false;
    this.#askedAt = now;
    // Compares contents, not times of writing: some stores keep seconds only.
    const last = (await readBytesIfAny(this.store, KEY))?.toString() ?? "";
    const removed = this.#seen !== undefined && last !== this.#seen;
    this.#seen = last;
    return removed;
  }
}

const ASK_EVERY_MS = 1_000;
