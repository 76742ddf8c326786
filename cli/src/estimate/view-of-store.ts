import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { checkedKey } from "@polyreel/platform/blobs";

/** A read-only view of a store's folder, which need not exist, with further files by key as if they were stored. */
export function viewOfStore(folder: string, files: ReadonlyMap<string, string>): Store {
  const pathOf = (key: string) => files.get(key) ?? join(folder, checkedKey(key));
  const statOf = async (key: string) => {
    const found = await stat(pathOf(key)).catch(absent);
    return found?.isFile() ? { sizeBytes: found.size, usedAt: found.mtime } : undefined;
  };
  return {
    stat: statOf,
    read: async (key) => (await readFile(pathOf(key)).catch(absent)) ?? missing(key),
    localPath: async (key) => ((await statOf(key)) ? pathOf(key) : missing(key)),
    write: refused,
    writeStream: refused,
    writeHashed: refused,
    writeFile: refused,
    touch: refused,
    list: unlisted,
    segments: unlisted,
    remove: async () => {}, // Called for damaged parts: they count as missing, but are not removed.
  };
}

function unlisted(prefix: string): never {
  throw new PolyreelError("internal", `${prefix} was to be listed in a store that is only looked up in.`);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR" && error.code !== "EISDIR") throw error;
}

function missing(key: string): never {
  throw new PolyreelError("not_found", `The store has no ${key}.`);
}

async function refused(key: string): Promise<never> {
  throw new PolyreelError("internal", `${key} was to be written to a store that is only looked at.`);
}
