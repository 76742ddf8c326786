import type { Store } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";

const MAX_KEYS = 100_000;

/** Remembers for a short time which keys the store had, if asking it again costs a request. */
export class SeenKeys {
  readonly #seen: LRUCache<string, true> | undefined;

  constructor({ presentForMs }: Pick<Store, "presentForMs">) {
    if (presentForMs !== undefined) this.#seen = new LRUCache({ max: MAX_KEYS, ttl: presentForMs });
  }

  add(key: string): void {
    this.#seen?.set(key, true);
  }

  has(key: string): boolean {
    return this.#seen?.has(key) ?? false;
  }

  delete(key: string): void {
    this.#seen?.delete(key);
  }

  clear(): void {
    this.#seen?.clear();
  }
}
