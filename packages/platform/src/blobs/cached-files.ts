import { createHash } from "node:crypto";
import { link, mkdir, open, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PolyreelError } from "../errors.js";
import { diskError, systemCode } from "../files/disk-error.js";
import { SharedWork } from "../flow/shared-work.js";
import { abortable } from "./abortable.js";
import { CacheRoom } from "./cache-room.js";
import type { LocalFile, LocalFiles } from "./local-files.js";
import type { BlobInfo, BlobStore } from "./store.js";
import { openTemporaryFolder } from "./temporary-folder.js";

export interface CacheOptions {
  /** The cache's own folder, on a file system with hard links. Processes of this machine may share it. */
  readonly folder: string;
  /** Limit of its files' total size. */
  readonly maxBytes: number;
}

const NEVER = new AbortController().signal;
/** Attempts to fetch a copy that others evict before it is opened. */
const TRIES = 3;

/**
 * Local files of a store that is not a folder: copies in a cache, evicted least recently used first. The folder store
 * needs none, because its objects are local files.
 *
 * `objects/` has the copies, each named after the key, version and size of its object: a copy is used only while the store
 * has that version, which each open checks. A copy's modification time is that of its last use. `tmp/` has a folder for
 * each process: with its leases, hard links that keep the bytes even if the copy is removed, and with the files it is
 * fetching, whose names contain their final size. The folder of a killed process is removed by the next one, so that no
 * counters, locks or repairs are needed.
 */
export async function openCachedFiles(store: BlobStore, { folder, maxBytes }: CacheOptions): Promise<LocalFiles> {
  const root = resolve(folder);
  const action = `use ${root} as the cache`;
  const objects = join(root, "objects");
  const temporary = await prepare(root, objects).catch((error: unknown) => {
    throw diskError(action, error);
  });
  const room = new CacheRoom({ root, objects, temporary: join(root, "tmp"), maxBytes });
  const fetches = new SharedWork<void>();

  /** Undefined if there is no such copy. */
  async function lease(name: string, sizeBytes: number): Promise<LocalFile | undefined> {
    const copy = join(objects, name);
    const path = await temporary.newPath();
    const release = () => rm(path, { force: true });
    try {
      await link(copy, path);
      const now = new Date();
      await utimes(path, now, now);
      if ((await stat(path)).size === sizeBytes) return { path, [Symbol.asyncDispose]: release };
      await rm(copy, { force: true }); // Truncated by a power failure, or from outside.
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    await release();
    return undefined;
  }

  async function fetch({ key, sizeBytes }: BlobInfo, name: string, signal: AbortSignal): Promise<void> {
    const path = room.pathOfSize(await temporary.newPath(), sizeBytes);
    try {
      await using file = await open(path, "wx"); // It counts from now on.
      await room.make(sizeBytes, signal);
      let received = 0;
      const counted = async function* () {
        for await (const chunk of store.read(key, { signal })) {
          received += chunk.length;
          if (received <= sizeBytes) yield chunk;
          else break;
        }
      };
      await writeFile(file, abortable(counted(), signal));
      if (received !== sizeBytes) throw wrongSize(key, sizeBytes, received);
      await file.sync();
      await rename(path, join(objects, name));
    } finally {
      await rm(path, { force: true });
    }
  }

  return {
    async open(key, { signal = NEVER } = {}) {
      const info = await store.head(key, { signal });
      if (!info) throw new PolyreelError("not_found", `The store has no ${key}.`);
      const name = nameOf(info);
      try {
        for (let left = TRIES; left > 0; left--) {
          const leased = await lease(name, info.sizeBytes);
          if (leased) return leased;
          await fetches.do(name, signal, (wanted) => fetch(info, name, wanted));
        }
      } catch (error) {
        throw diskError(action, error);
      }
      throw room.full(info.sizeBytes);
    },
  };
}

async function prepare(root: string, objects: string) {
  await mkdir(objects, { recursive: true });
  const temporary = await openTemporaryFolder(join(root, "tmp"));
  const [file, second] = [await temporary.newPath(), await temporary.newPath()];
  try {
    await writeFile(file, "");
    await link(file, second);
  } catch (error) {
    if (systemCode(error) !== "EPERM" && systemCode(error) !== "ENOTSUP") throw error;
    throw new PolyreelError("precondition", {
      reason: `The cache cannot be in ${root}: its file system has no hard links.`,
      remedy: "Choose a folder on a local disk.",
    });
  } finally {
    for (const path of [file, second]) await rm(path, { force: true });
  }
  return temporary;
}

/** Name of the copy of one version of an object. */
function nameOf({ key, version, writtenAt, sizeBytes }: BlobInfo): string {
  const hash = createHash("sha256").update(`${key}\n${version ?? writtenAt.toISOString()}`);
  return `${hash.digest("hex").slice(0, 40)}.${sizeBytes}`;
}

const wrongSize = (key: string, sizeBytes: number, received: number): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: `The store gave ${received > sizeBytes ? "more than" : `only ${received} of`} the ${sizeBytes} bytes of ${key}.`,
    remedy: "It is read again; if this repeats, check the store.",
  });
