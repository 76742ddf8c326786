import { readBytesIfAny } from "../blobs/read-bytes.js";
import type { BlobStore } from "../blobs/store.js";
import { keptPathsKey } from "../blobs/stored-keys.js";

/**
 * Tells whoever removes a deleted batch's outputs which paths are other batches', too; before the fact that says that it is
 * deleted. `store`: the batch's tenant's.
 */
export async function writeKeptPaths(store: BlobStore, batchId: string, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await store.put(keptPathsKey(batchId), Buffer.from(JSON.stringify(paths)));
  else await store.remove([keptPathsKey(batchId)]); // of somebody who died before saying so
}

/** These paths; none where none were told. */
export async function readKeptPaths(store: BlobStore, batchId: string): Promise<ReadonlySet<string>> {
  const kept = await readBytesIfAny(store, keptPathsKey(batchId));
  return new Set(kept && (JSON.parse(kept.toString()) as string[]));
}
