import { LRUCache } from "lru-cache";
import type { BatchChanges } from "./batch-changes.js";

/** While a batch keeps changing, its value may be this many times as old as it took to compute. */
const AGE_PER_COST = 4;
const MAX_BATCHES = 200;

interface Kept<T> {
  readonly version: string;
  readonly value: Promise<T>;
  /** In milliseconds of performance.now(); undefined until the value is there. */
  until?: number;
}

/**
 * Values that are computed from all of a batch's combinations: shared by all callers, until the batch changes. One that
 * changes all the time costs at most a fifth of the time of a core, whoever looks at it.
 */
export class KeptByBatch<T extends object> {
  readonly #kept = new LRUCache<string, Kept<T>>({ max: MAX_BATCHES });

  constructor(
    private readonly changes: BatchChanges,
    private readonly compute: (batchId: string) => Promise<T>,
  ) {}

  /** The caller must be allowed to see the batch. */
  async of(batchId: string): Promise<T> {
    const version = this.changes.versionOf(batchId);
    const known = this.#kept.get(batchId);
    if (known && (known.version === version || known.until === undefined || known.until > performance.now()))
      return await known.value;
    const began = performance.now();
    const kept: Kept<T> = { version, value: this.compute(batchId) };
    this.#kept.set(batchId, kept);
    try {
      const value = await kept.value;
      const now = performance.now();
      kept.until = now + AGE_PER_COST * (now - began);
      return value;
    } catch (error) {
      if (this.#kept.get(batchId) === kept) this.#kept.delete(batchId);
      throw error;
    }
  }
}
