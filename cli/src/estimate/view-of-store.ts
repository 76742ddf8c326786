import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";

/**
 * A store, if there is one yet, and files as if they lay there, too, by key. Nothing can be written: who looks at a store this
 * way leaves it as it is.
 */
export function viewOfStore(store: Store | undefined, files: ReadonlyMap<string, string>): Store {
  return {
    async head(key, io) {
      const path = files.get(key);
      if (path === undefined) return store?.head(key, io);
      const { size, mtime } = await stat(path);
      return { key, sizeBytes: size, writtenAt: mtime };
    },
    async *read(key, io) {
      const path = files.get(key);
      if (path === undefined) yield* (store ?? missing(key)).read(key, io);
      else yield* createReadStream(path, io?.signal && { signal: io.signal });
    },
    files: {
      async open(key, io) {
        const path = files.get(key);
        if (path === undefined) return (store ?? missing(key)).files.open(key, io);
        return { path, [Symbol.asyncDispose]: async () => {} };
      },
    },
    put: refused,
    putHashed: refused,
    list: unlisted,
    segments: unlisted,
    remove: async () => {}, // Called for damaged parts: they count as missing, but are not removed.
    ping: async (io) => store?.ping(io),
  };
}

function unlisted(prefix: string): never {
  throw new PolyreelError("internal", `${prefix} was to be listed in a store that is only looked up in.`);
}

function missing(key: string): never {
  throw new PolyreelError("not_found", `The store has no ${key}.`);
}

async function refused(key: string): Promise<never> {
  throw new PolyreelError("internal", `${key} was to be written to a store that is only looked at.`);
}
