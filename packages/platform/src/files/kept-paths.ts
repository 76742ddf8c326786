import { readBytesIfAny } from "../blobs/read-bytes.js";
import type { BlobStore } from "../blobs/store.js";
import { keptPathsKey } from "../blobs/stored-keys.js";

/**
 * Records which paths of a deleted batch's outputs also belong to other batches and must be kept; written before the
 * deletion is published. `store`: the batch's tenant's.
 */
export async function writeKeptPaths(store: BlobStore, batchId: string, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await store.put(keptPathsKey(batchId), Buffer.from(JSON.stringify(paths)));
  else await store.remove([keptPathsKey(batchId)]); // Left by a process that died before the deletion was published.
}

/** These paths; empty if none were recorded. */
export async function readKeptPaths(store: BlobStore, batchId: string): Promise<ReadonlySet<string>> {
  const kept = await readBytesIfAny(store, keptPathsKey(batchId));
  return new Set(kept && (JSON.parse(kept.toString()) as string[]));
}
