import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { checkedKey } from "@polyreel/platform/blobs";

/**
 * What lies in a store's folder, which need not be there, and files as if they lay there too, by key. Nothing can be
 * written: who looks at a store this way leaves it as it is.
 */
export function viewOfStore(folder: string, files: ReadonlyMap<string, string>): Store {
  const pathOf = (key: string) => files.get(key) ?? join(folder, checkedKey(key));
  const head = async (key: string) => {
    const found = await stat(pathOf(key)).catch(absent);
    return found?.isFile() ? { key, sizeBytes: found.size, writtenAt: found.mtime } : undefined;
  };
  return {
    head,
    async *read(key) {
      yield (await readFile(pathOf(key)).catch(absent)) ?? missing(key);
    },
    localPath: async (key) => ((await head(key)) ? pathOf(key) : missing(key)),
    put: refused,
    putHashed: refused,
    touch: refused,
    list: unlisted,
    segments: unlisted,
    remove: async () => {}, // of damaged parts: they count as missing, and stay
    ping: async () => {},
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
