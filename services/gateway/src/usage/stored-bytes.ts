import { type Store, scopedStore } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";

/** Listing a large store takes minutes of a bucket's time. */
const KNOWN_FOR_MS = 600_000;
const MAX_TENANTS = 10_000;

export interface StoredNow {
  readonly bytes: number;
  /** Everything of before, and perhaps some that is newer. */
  readonly countedAt: Date;
}

/** What a tenant's objects take in the store, counted by listing them, once in ten minutes at most. */
export class StoredBytes {
  readonly #known: LRUCache<string, StoredNow>;

  constructor(store: Store) {
    this.#known = new LRUCache({
      max: MAX_TENANTS,
      ttl: KNOWN_FOR_MS,
      // Requests are refused or let pass by the last count meanwhile.
      allowStale: true,
      fetchMethod: async (tenant, _, { signal }) => {
        const countedAt = new Date();
        let bytes = 0;
        for await (const { sizeBytes } of scopedStore(store, tenant).list("", { signal })) bytes += sizeBytes;
        return { bytes, countedAt };
      },
    });
  }

  async of(tenant: string): Promise<StoredNow> {
    return (await this.#known.fetch(tenant)) ?? { bytes: 0, countedAt: new Date(0) };
  }
}
