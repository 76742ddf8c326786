import { checkedKey, tenantPrefix } from "./keys.js";
import type { Store } from "./store.js";

/** One tenant's part of a store: every key lies under `tenants/<tenant>/`. */
export function scopedStore(store: Store, tenant: string): Store {
  const prefix = tenantPrefix(tenant);
  const scoped = (key: string) => prefix + checkedKey(key);
  const allUnder = (under: string) => (under === "" ? prefix.slice(0, -1) : scoped(under));
  return {
    stat: async (key) => store.stat(scoped(key)),
    read: async (key) => store.read(scoped(key)),
    write: async (key, bytes) => store.write(scoped(key), bytes),
    writeStream: async (key, bytes, options) => store.writeStream(scoped(key), bytes, options),
    writeHashed: async (under, bytes, options) => store.writeHashed(scoped(under), bytes, options),
    writeFile: async (key, path, options) => store.writeFile(scoped(key), path, options),
    localPath: async (key) => store.localPath(scoped(key)),
    remove: async (key) => store.remove(scoped(key)),
    touch: async (key) => store.touch(scoped(key)),
    async *list(under) {
      for await (const key of store.list(allUnder(under))) yield key.slice(prefix.length);
    },
    segments: async (under) => store.segments(allUnder(under)),
  };
}
