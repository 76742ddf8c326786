import { LRUCache } from "lru-cache";

/** Batches whose newest change is remembered one by one. */
const MAX_BATCHES = 10_000;

/**
 * When each batch changed last, as facts are applied: what was computed from a batch's rows is valid until its version
 * is another. A gateway sees every fact, even one that another gateway has applied.
 */
export class BatchChanges {
  readonly #versions = new LRUCache<string, number>({
    max: MAX_BATCHES,
    dispose: (version, _, reason) => {
      if (reason === "evict") this.#forgotten = Math.max(this.#forgotten, version);
    },
  });
  /** Of all batches that are not remembered: the newest change of any. */
  #forgotten = 0;
  /** Counts rebuilds, which change every batch. */
  #fillings = 0;
  readonly #listeners = new Set<(batchIds: ReadonlySet<string>) => void>();

  /** Called after facts were applied. */
  note(facts: readonly { readonly batchId: string; readonly sequence: number }[]): void {
    if (facts.length === 0) return;
    for (const { batchId, sequence } of facts) this.#versions.set(batchId, sequence);
    const changed = new Set(facts.map(({ batchId }) => batchId));
    for (const listener of this.#listeners) listener(changed);
  }

  /** Called before everything is applied again. */
  forget(): void {
    this.#fillings++;
    this.#forgotten = 0;
    this.#versions.clear();
  }

  /** Differs after each change of the batch. */
  versionOf(batchId: string): string {
    return `${this.#fillings}/${this.#versions.get(batchId) ?? this.#forgotten}`;
  }

  /** Calls the listener with the batches of each chunk of facts. Returns what ends that. */
  listen(listener: (batchIds: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
