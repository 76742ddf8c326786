import { stat } from "node:fs/promises";
import { type Store, sourceKey } from "@polyreel/platform/store/store.js";
import type { PutSource } from "./bind-sources.js";
import { type Fingerprint, hashFile } from "./fingerprint.js";

/** Puts files into a store on this machine: a link where the file system can, nothing where the bytes are there. */
export const putLocally =
  (store: Store): PutSource =>
  async (file, signal) => {
    if (!(await holds(store, file, signal))) await store.writeFile(sourceKey(file.sha256), file.path);
  };

/**
 * Whether the store has these bytes. An object that is a link to a file of the user's changes with that file, if it is
 * written over in place: such an object is believed only if it is the very file just hashed, else it is hashed again.
 */
async function holds(store: Store, file: Fingerprint, signal: AbortSignal): Promise<boolean> {
  const key = sourceKey(file.sha256);
  const known = await store.stat(key);
  if (known?.sizeBytes !== file.sizeBytes) return false;
  const path = await store.localPath(key);
  const [object, given] = await Promise.all([stat(path), stat(file.path)]);
  if (object.nlink === 1 || (object.ino === given.ino && object.dev === given.dev)) return true;
  return (await hashFile(path, signal)).sha256 === file.sha256;
}
