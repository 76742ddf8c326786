import { randomUUID } from "node:crypto";
import { access, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isOld, whereAbandoned } from "../files/abandoned.js";
import { makeOwnFolder, type OwnFolder } from "../files/own-folder.js";
import { ownerOf } from "../process/process-mark.js";

/** This process's folders, by parent folder: several stores may be open over one. */
const own = new Map<string, Promise<OwnFolder>>();

/** A folder for temporary files. Opening it removes the leftovers of killed processes. */
export async function openTemporaryFolder(folder: string): Promise<{ newPath(): Promise<string> }> {
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  return { newPath: async () => join((await ownFolder(folder)).path, randomUUID()) };
}

/** Removes the leftovers of killed processes from such a folder. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const remove = () => rm(path, { recursive: true, force: true });
    if (ownerOf(name)) await whereAbandoned(path, name, remove);
    else if (await isOld(path)) await remove();
  }
}

/** Created at first use, and again if it was removed: with its store, or by a machine that took it for old. */
async function ownFolder(folder: string): Promise<OwnFolder> {
  const known = own.get(folder);
  const isThere =
    known &&
    (await known
      .then(({ path }) => access(path))
      .then(
        () => true,
        () => false,
      ));
  if (known && isThere) return known;
  if (own.get(folder) === known) own.set(folder, makeOwnFolder(folder, ""));
  return own.get(folder) ?? makeOwnFolder(folder, "");
}
