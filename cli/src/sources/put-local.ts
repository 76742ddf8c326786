import type { RemovedSource } from "@polyreel/parts/sources";
import { Sources } from "@polyreel/parts/sources";
import { type Store, sourceKey } from "@polyreel/platform/blobs";
import type { PutSource } from "./bind-sources.js";

/** Copies files into a store on this machine unless it has their bytes. */
export function putLocally(store: Store, onRemoved: (removed: RemovedSource) => void): PutSource {
  const sources = new Sources(store, onRemoved);
  return async ({ sha256, path }, signal) => {
    if (await sources.has(sha256, signal)) return;
    await store.put(sourceKey(sha256), { path }, { sha256, signal });
    await sources.wasWritten(sha256);
  };
}
