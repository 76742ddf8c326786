import { keptPathsKey, type Store } from "../blobs/store.js";

/**
 * Tells whoever removes a deleted batch's outputs which paths are other batches', too; before the fact that says that it is
 * deleted. `store`: the batch's tenant's.
 */
export const writeKeptPaths = (store: Store, batchId: string, paths: readonly string[]): Promise<void> =>
  paths.length > 0
    ? store.write(keptPathsKey(batchId), Buffer.from(JSON.stringify(paths)))
    : store.remove(keptPathsKey(batchId)); // of somebody who died before saying so

/** These paths; none where none were told. */
export async function readKeptPaths(store: Store, batchId: string): Promise<ReadonlySet<string>> {
  if (!(await store.stat(keptPathsKey(batchId)))) return new Set();
  return new Set(JSON.parse((await store.read(keptPathsKey(batchId))).toString()) as string[]);
}
