import { keptPathsKey, type Store } from "../blobs/store.js";

/**
 * Records which paths of a deleted batch's outputs also belong to other batches and must be kept; written before the
 * deletion is published. `store`: the batch's tenant's.
 */
export const writeKeptPaths = (store: Store, batchId: string, paths: readonly string[]): Promise<void> =>
  paths.length > 0
    ? store.write(keptPathsKey(batchId), Buffer.from(JSON.stringify(paths)))
    : store.remove(keptPathsKey(batchId)); // Left by a process that died before the deletion was published.

/** These paths; empty if none were recorded. */
export async function readKeptPaths(store: Store, batchId: string): Promise<ReadonlySet<string>> {
  if (!(await store.stat(keptPathsKey(batchId)))) return new Set();
  return new Set(JSON.parse((await store.read(keptPathsKey(batchId))).toString()) as string[]);
}
