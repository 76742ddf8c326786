import type { DirectUploads } from "./direct-uploads.js";
import { checkedKey, checkedKeyPrefix, tenantPrefix } from "./keys.js";
import type { Presign } from "./presign.js";
import type { BlobInfo, Store } from "./store.js";

/** One tenant's part of a store: all keys are under `tenants/<tenant>/`. */
export function scopedStore(store: Store, tenant: string): Store {
  const prefix = tenantPrefix(tenant);
  const scoped = (key: string) => prefix + checkedKey(key);
  const unscoped = (info: BlobInfo): BlobInfo => ({ ...info, key: info.key.slice(prefix.length) });
  return {
    head: async (key, io) => {
      const found = await store.head(scoped(key), io);
      return found && unscoped(found);
    },
    async *read(key, io) {
      yield* store.read(scoped(key), io);
    },
    put: async (key, body, io) => store.put(scoped(key), body, io),
    putHashed: async (under, bytes, io) => store.putHashed(scoped(under), bytes, io),
    files: { open: async (key, io) => store.files.open(scoped(key), io) },
    remove: async (keys, io) => store.remove(keys.map(scoped), io),
    async *list(begin, { after, ...io } = {}) {
      const from = after === undefined ? {} : { after: prefix + after };
      for await (const info of store.list(prefix + checkedKeyPrefix(begin), { ...io, ...from })) yield unscoped(info);
    },
    segments: async (under, io) => store.segments(under === "" ? prefix.slice(0, -1) : scoped(under), io),
    ping: (io) => store.ping(io),
    ...(store.presentForMs !== undefined && { presentForMs: store.presentForMs }),
    directUploads: store.directUploads && scopedUploads(store.directUploads, scoped),
    presign: store.presign && (async (key, options) => (store.presign as Presign)(scoped(key), options)),
  };
}

const scopedUploads = (uploads: DirectUploads, scoped: (key: string) => string): DirectUploads => ({
  begin: async (key, io) => uploads.begin(scoped(key), io),
  linkTo: async (key, uploadId, part) => uploads.linkTo(scoped(key), uploadId, part),
  parts: async (key, uploadId, io) => uploads.parts(scoped(key), uploadId, io),
  complete: async (key, uploadId, parts, io) => uploads.complete(scoped(key), uploadId, parts, io),
  abort: async (key, uploadId, io) => uploads.abort(scoped(key), uploadId, io),
  copy: async (from, to, io) => uploads.copy({ ...from, key: scoped(from.key) }, scoped(to), io),
});
