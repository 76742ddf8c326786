import { type Store, scopedStore, speechSpentPrefix } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";

/** As long as speech services go without looking at what others spent. */
const KNOWN_FOR_MS = 30_000;
const MAX_KNOWN = 10_000;

type ByProvider = ReadonlyMap<string, number>;

/**
 * Characters that providers of voices may have charged a tenant for in a month, as speech services record them in the store:
 * `<provider>/<batch>/<request>.<characters>`.
 */
export class SpentCharacters {
  readonly #known: LRUCache<string, ByProvider>;

  constructor(store: Store) {
    this.#known = new LRUCache({
      max: MAX_KNOWN,
      ttl: KNOWN_FOR_MS,
      fetchMethod: async (key, _, { signal }) => {
        const [tenant = "", month = ""] = key.split(" ");
        const spent = new Map<string, number>();
        const prefix = speechSpentPrefix(month);
        for await (const { key: request } of scopedStore(store, tenant).list(prefix, { signal })) {
          const [provider = ""] = request.slice(prefix.length).split("/");
          const characters = Number(/\.(\d+)$/.exec(request)?.[1] ?? 0);
          spent.set(provider, (spent.get(provider) ?? 0) + characters);
        }
        return spent;
      },
    });
  }

  async of(tenant: string, month: string): Promise<ByProvider> {
    return (await this.#known.fetch(`${tenant} ${month}`)) ?? new Map();
  }
}
