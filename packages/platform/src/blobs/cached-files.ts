import { createHash } from "node:crypto";
import { link, mkdir, open, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PolyreelError } from "../errors.js";
import { diskError, systemCode } from "../files/disk-error.js";
import { SharedWork } from "../flow/shared-work.js";
import { count } from "../telemetry/metrics/metrics.js";
import { abortable } from "./abortable.js";
import { CacheRoom } from "./cache-room.js";
import { DamagedObject } from "./damaged-object.js";
import { moveOrCopy } from "./local-copies.js";
import type { LocalFile, LocalFiles } from "./local-files.js";
import type { BlobInfo, BlobStore, Content, Io } from "./store.js";
import { openTemporaryFolder } from "./temporary-folder.js";

export interface CacheOptions {
  /** The cache's own folder, on a file system with hard links. Processes of this machine may share it. */
  readonly folder: string;
  /** Limit of its files' total size. */
  readonly maxBytes: number;
}

export interface CachedFiles extends LocalFiles {
  /**
   * Makes a local file, whose bytes were written under a key, the copy of that object; the file no longer exists afterwards.
   * Without room for it, the copy is fetched when it is needed.
   */
  adopt(path: string, key: string, content: Content, io?: Io): Promise<void>;
}

/** The name of a copy, and the bytes that belong into it. */
interface Copy {
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Undefined if the object's version stands for the bytes. */
  readonly sha256?: string;
}

const NEVER = new AbortController().signal;
/** Attempts to fetch a copy that others evict before it is opened. */
const TRIES = 3;

/**
 * Local files of a store that is not a folder: copies in a cache, evicted least recently used first. The folder store
 * needs none, because its objects are local files.
 *
 * `objects/` has the copies, each named after key and size of its object, and after its version or its SHA-256. A copy of a
 * version is used only while the store has that version, which each open checks. Callers that know the SHA-256, as of parts
 * by their index, need no such request: the right bytes stay right. A copy's modification time is that of its last use.
 * `tmp/` has a folder for each process: with its leases, hard links that keep the bytes even if the copy is removed, and with the files it is
 * fetching, whose names contain their final size. The folder of a killed process is removed by the next one, so that no
 * counters, locks or repairs are needed.
 */
export async function openCachedFiles(store: BlobStore, { folder, maxBytes }: CacheOptions): Promise<CachedFiles> {
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

  async function fetch({ key, name, sizeBytes, sha256 }: Copy, signal: AbortSignal): Promise<void> {
    const path = room.pathOfSize(await temporary.newPath(), sizeBytes);
    try {
      await using file = await open(path, "wx"); // It counts from now on.
      await room.make(sizeBytes, signal);
      const hash = createHash("sha256");
      let received = 0;
      const counted = async function* () {
        for await (const chunk of store.read(key, { signal })) {
          received += chunk.length;
          if (received > sizeBytes) break;
          if (sha256 !== undefined) hash.update(chunk);
          yield chunk;
        }
      };
      await writeFile(file, abortable(counted(), signal)).catch((error: unknown) => {
        throw error instanceof DamagedObject && sha256 !== undefined ? otherBytes(key) : error;
      });
      if (sha256 !== undefined && (received !== sizeBytes || hash.digest("hex") !== sha256)) throw otherBytes(key);
      if (received !== sizeBytes) throw wrongSize(key, sizeBytes, received);
      await file.sync();
      await rename(path, join(objects, name));
    } finally {
      await rm(path, { force: true });
    }
  }

  async function currentVersion(key: string, signal: AbortSignal): Promise<Copy> {
    const info = await store.head(key, { signal });
    if (!info) throw new PolyreelError("not_found", `The store has no ${key}.`);
    return copyOfVersion(info);
  }

  return {
    async open(key, { signal = NEVER, content, refetch = false } = {}) {
      signal.throwIfAborted();
      const copy = content ? copyOfContent(key, content) : await currentVersion(key, signal);
      try {
        if (refetch) await rm(join(objects, copy.name), { force: true });
        for (let left = TRIES; left > 0; left--) {
          const leased = await lease(copy.name, copy.sizeBytes);
          if (leased) {
            count("polyreel.cache.lookups", { outcome: left === TRIES ? "found" : "fetched" });
            return leased;
          }
          await fetches.do(copy.name, signal, (wanted) => fetch(copy, wanted));
        }
      } catch (error) {
        throw diskError(action, error);
      }
      throw room.full(copy.sizeBytes);
    },

    async adopt(path, key, content, { signal = NEVER } = {}) {
      const { name, sizeBytes } = copyOfContent(key, content);
      let own = "";
      try {
        own = room.pathOfSize(await temporary.newPath(), sizeBytes);
        await moveOrCopy(path, own);
        await room.make(sizeBytes, signal);
        await rename(own, join(objects, name));
      } catch {
        // The store has the object, which is what counts.
      } finally {
        for (const left of [path, own]) if (left !== "") await rm(left, { force: true });
      }
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

/** The copy of one version of an object. */
const copyOfVersion = ({ key, version, writtenAt, sizeBytes }: BlobInfo): Copy => ({
  key,
  sizeBytes,
  name: nameOf(key, version ?? writtenAt.toISOString(), sizeBytes),
});

const copyOfContent = (key: string, { sha256, sizeBytes }: Content): Copy => ({
  key,
  sizeBytes,
  sha256,
  name: nameOf(key, `sha256 ${sha256}`, sizeBytes),
});

function nameOf(key: string, bytes: string, sizeBytes: number): string {
  const hash = createHash("sha256").update(`${key}\n${bytes}`);
  return `${hash.digest("hex").slice(0, 40)}.${sizeBytes}`;
}

/** Another object was written under the key, or it is damaged: the expected one no longer exists. */
const otherBytes = (key: string): PolyreelError =>
  new PolyreelError("not_found", `The store has other bytes under ${key}.`);

const wrongSize = (key: string, sizeBytes: number, received: number): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: `The store gave ${received > sizeBytes ? "more than" : `only ${received} of`} the ${sizeBytes} bytes of ${key}.`,
    remedy: "It is read again; if this repeats, check the store.",
  });
