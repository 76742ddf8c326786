import { fromBinary } from "@bufbuild/protobuf";
import { type PartIndex, PartIndexSchema } from "@polyreel/contract";
import type { Store } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";
import { indexKey } from "./kinds/part-key.js";
import type { PartKindName } from "./kinds/part-kinds.js";
import { parseIndex, readStoredIndex } from "./kinds/read-index.js";
import { SeenKeys } from "./seen-keys.js";

/** A damaged index is removed with its part; undefined: there was none. */
export type ReadIndex = PartIndex | "damaged" | undefined;

/** Reads the indexes of parts, and keeps the last used ones in memory. */
export class PartIndexes {
  readonly #kept: LRUCache<string, PartIndex>;
  readonly #seen: SeenKeys;
  /** Indexes being read, by key. */
  readonly #reading = new Map<string, Promise<ReadIndex>>();
  /** Of what is in memory: indexes that were read before it was cleared are not kept. */
  #generation = 0;

  /** `maxBytes`: limit of the kept indexes, in stored bytes. `onDamaged` removes the part of an unreadable index. */
  constructor(
    private readonly store: Store,
    maxBytes: number,
    private readonly onDamaged: (kind: PartKindName, hash: string) => Promise<void>,
  ) {
    this.#kept = new LRUCache({ maxSize: maxBytes });
    this.#seen = new SeenKeys(store);
  }

  /** Whether the store has it. */
  async has(kind: PartKindName, hash: string): Promise<boolean> {
    const key = indexKey(kind, hash);
    if (await this.store.head(key)) {
      this.#seen.add(key);
      return true;
    }
    this.forget(kind, hash);
    return false;
  }

  /** Whether it is in memory, and the store had it a moment ago. */
  hasSeen(kind: PartKindName, hash: string): boolean {
    return this.knows(kind, hash) && this.#seen.has(indexKey(kind, hash));
  }

  /** Whether it is in memory. */
  knows(kind: PartKindName, hash: string): boolean {
    return this.#kept.has(indexKey(kind, hash));
  }

  /** Returns the same object while it is kept. */
  async read(kind: PartKindName, hash: string): Promise<ReadIndex> {
    const key = indexKey(kind, hash);
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const found = await this.#reading.get(key)?.catch(() => undefined);
    if (found) return found;
    // The part may have been written after that reading began. The next one serves all who wait.
    let reading = this.#reading.get(key);
    if (!reading) {
      reading = this.#fetch(kind, hash).finally(() => {
        if (this.#reading.get(key) === reading) this.#reading.delete(key);
      });
      this.#reading.set(key, reading);
    }
    return reading;
  }

  async #fetch(kind: PartKindName, hash: string): Promise<ReadIndex> {
    const generation = this.#generation;
    const stored = await readStoredIndex(this.store, indexKey(kind, hash));
    if (!stored) return undefined;
    const index = parseIndex(kind, stored);
    if (!index) {
      await this.onDamaged(kind, hash);
      return "damaged";
    }
    if (generation === this.#generation) this.#keep(kind, hash, index, stored);
    return index;
  }

  /** Keeps an index that was just written; returns it as other processes read it. */
  written(kind: PartKindName, hash: string, stored: Uint8Array): PartIndex {
    // Loudness is stored as float32, and mixes of it must be the same everywhere.
    const read = fromBinary(PartIndexSchema, stored);
    this.#keep(kind, hash, read, stored);
    return read;
  }

  #keep(kind: PartKindName, hash: string, index: PartIndex, stored: Uint8Array): void {
    this.#kept.set(indexKey(kind, hash), index, { size: stored.length + 64 });
    this.#seen.add(indexKey(kind, hash));
  }

  forget(kind: PartKindName, hash: string): void {
    this.#kept.delete(indexKey(kind, hash));
    this.#seen.delete(indexKey(kind, hash));
  }

  clear(): void {
    this.#generation++;
    this.#reading.clear();
    this.#kept.clear();
    this.#seen.clear();
  }
}
