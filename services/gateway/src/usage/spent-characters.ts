import { type Store, scopedStore, speechSpentPrefix } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";

/** As long as speech services go without looking at what others spent. */
const KNOWN_FOR_MS = 30_000;
const MAX_KNOWN = 10_000;

/** Characters that were charged for in a month. */
export interface SpentInMonth {
  readonly byProvider: ReadonlyMap<string, number>;
  readonly byBatch: ReadonlyMap<string, number>;
  /** All of before. */
  readonly countedAt: Date;
}

/**
 * Characters that providers of voices may have charged a tenant for in a month, as speech services record them in the store:
 * `<provider>/<batch>/<request>.<characters>`.
 */
export class SpentCharacters {
  readonly #known: LRUCache<string, SpentInMonth>;

  constructor(store: Store) {
    this.#known = new LRUCache({
      max: MAX_KNOWN,
      ttl: KNOWN_FOR_MS,
      fetchMethod: async (key, _, { signal }) => {
        const [tenant = "", month = ""] = key.split(" ");
        const countedAt = new Date();
        const byProvider = new Map<string, number>();
        const byBatch = new Map<string, number>();
        const prefix = speechSpentPrefix(month);
        for await (const { key: request } of scopedStore(store, tenant).list(prefix, { signal })) {
          const [provider = "", batch = ""] = request.slice(prefix.length).split("/");
          const characters = Number(/\.(\d+)$/.exec(request)?.[1] ?? 0);
          byProvider.set(provider, (byProvider.get(provider) ?? 0) + characters);
          byBatch.set(batch, (byBatch.get(batch) ?? 0) + characters);
        }
        return { byProvider, byBatch, countedAt };
      },
    });
  }

  async of(tenant: string, month: string): Promise<SpentInMonth> {
    const known = await this.#known.fetch(`${tenant} ${month}`);
    return known ?? { byProvider: new Map(), byBatch: new Map(), countedAt: new Date(0) };
  }
}
