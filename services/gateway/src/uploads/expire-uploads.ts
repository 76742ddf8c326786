import {
  FINISHED_UPLOADS,
  type Store,
  scopedStore,
  TENANTS,
  UPLOAD_PIECES,
  UPLOADS,
  uploadInfoKey,
} from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { expireDirectUploads } from "./direct/expire-direct-uploads.js";
import { ABANDONED_MS, type ExpiryOptions, type Removed } from "./expiry.js";
import { findUpload, removeUpload } from "./upload.js";
import type { Uploads } from "./uploads.js";

/**
 * Removes the uploads of all tenants that got no bytes for too long, and finishes those that are complete, whose gateway
 * was killed. Returns what was, or would be, removed.
 */
export async function expireUploads(
  { store, uploads, log }: { readonly store: Store; readonly uploads: Uploads; readonly log: Log },
  options: ExpiryOptions,
): Promise<Removed> {
  let [count, bytes] = [0, 0];
  for (const tenant of await store.segments(TENANTS, { signal: options.signal })) {
    const own = scopedStore(store, tenant);
    const removed = await expireOf({ tenant, own, uploads, log }, options);
    const direct = await expireDirectUploads({ tenant, own, direct: uploads.direct, log }, options);
    count += removed.count + direct.count;
    bytes += removed.bytes + direct.bytes;
    if (!options.dryRun) await removeLeftovers(own, uploads.limits.expiryMs, options);
  }
  return { count, bytes };
}

async function expireOf(
  { tenant, own, uploads, log }: { tenant: string; own: Store; uploads: Uploads; log: Log },
  { now, dryRun, signal }: ExpiryOptions,
): Promise<Removed> {
  let [count, bytes] = [0, 0];
  for (const id of await own.segments(UPLOADS, { signal })) {
    signal.throwIfAborted();
    const upload = await findUpload(own, id, signal);
    if (!upload) continue;
    const quietMs = now.getTime() - upload.touchedAt.getTime();
    if (upload.offset === upload.sizeBytes) {
      const finish = () => uploads.finish(tenant, upload).catch((error: unknown) => fail(error));
      const fail = (error: unknown) => log.warn({ err: error, tenant, upload: id }, "could not finish an upload");
      if (quietMs > ABANDONED_MS && !dryRun) await finish();
    } else if (quietMs > uploads.limits.expiryMs) {
      if (!dryRun) await removeUpload(own, id, signal);
      count++;
      bytes += upload.offset;
    }
  }
  return { count, bytes };
}

/** Old names of finished uploads; pieces that a writer wrote after its upload was finished or removed. */
async function removeLeftovers(own: Store, expiryMs: number, { now, signal }: ExpiryOptions): Promise<void> {
  const isOld = (writtenAt: Date) => now.getTime() - writtenAt.getTime() > expiryMs;
  const keys: string[] = [];
  for await (const { key, writtenAt } of own.list(`${FINISHED_UPLOADS}/`, { signal })) {
    if (isOld(writtenAt)) keys.push(key);
  }
  let last = { id: "", isKnown: false };
  for await (const { key, writtenAt } of own.list(`${UPLOAD_PIECES}/`, { signal })) {
    const [id = ""] = key.slice(UPLOAD_PIECES.length + 1).split("-");
    if (!isOld(writtenAt)) continue;
    if (id !== last.id) last = { id, isKnown: (await own.head(uploadInfoKey(id), { signal })) !== undefined };
    if (!last.isKnown) keys.push(key);
  }
  await own.remove(keys, { signal });
}
