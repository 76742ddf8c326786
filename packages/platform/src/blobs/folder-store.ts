import { createReadStream } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PolyreelError } from "../errors.js";
import { diskError, systemCode } from "../files/disk-error.js";
import { abortable } from "./abortable.js";
import { blobInfo } from "./blob-info.js";
import { checkFolderFormat } from "./folder-format.js";
import { listFolder } from "./folder-listing.js";
import { checkedKey, checkedKeyPrefix, isKey } from "./keys.js";
import { clone, flush, moveIfAbsent, moveOrCopy } from "./local-copies.js";
import { type Meter, meter } from "./meter.js";
import type { BlobBody, ByteRange, Io, LocalBody, PutOptions, Store } from "./store.js";
import { openTemporaryFolder } from "./temporary-folder.js";

/** Where files in the making lie. */
const TEMPORARY = "tmp";
const READ_BYTES = 1 << 20;
const REMOVED_AT_ONCE = 16;

/**
 * A store in a local folder: one file a key. Objects are written under `tmp/` in the same folder, hence the same file
 * system, and renamed: a key is there whole or not at all, and of two writers of one key either may win. Bytes are
 * flushed to the disk before the rename, so that a power failure leaves no empty file under a key.
 */
export async function openFolderStore(root: string): Promise<Store> {
  const folder = resolve(root);
  const unusable = (error: unknown): never => {
    throw diskError(`use ${folder} as the store`, error);
  };
  const temporary = await openTemporaryFolder(join(folder, TEMPORARY)).catch(unusable);
  await checkFolderFormat(folder).catch(unusable);
  const pathOf = (key: string): string => {
    const path = checkedKey(key);
    if (path === TEMPORARY || path.startsWith(`${TEMPORARY}/`)) {
      throw new PolyreelError("invalid", `${JSON.stringify(key)} is kept for files in the making.`);
    }
    return join(folder, path);
  };

  /** A disk that is not mounted looks like an empty store, and must not be taken for one: nor be filled. */
  async function assertThere(): Promise<void> {
    const found = await stat(join(folder, TEMPORARY)).catch(ignoreAbsent);
    if (found) return;
    throw new PolyreelError("unavailable", {
      reason: `The store in ${folder} is away.`,
      remedy: "Mount its disk, or bring its folder back.",
    });
  }

  /** For `catch`: undefined for what the store does not have. */
  async function absent(error: unknown): Promise<undefined> {
    ignoreAbsent(error);
    await assertThere();
  }

  /** `fill` makes the object at a temporary path; it then lies under the key that `fill` gives. */
  async function putAs(
    fill: (temporaryPath: string) => Promise<string>,
    { signal, ifAbsent }: PutOptions,
  ): Promise<boolean> {
    signal?.throwIfAborted();
    let temporaryPath = "";
    try {
      temporaryPath = await temporary.newPath();
      const path = pathOf(await fill(temporaryPath));
      signal?.throwIfAborted();
      const move = () => (ifAbsent ? moveIfAbsent(temporaryPath, path) : rename(temporaryPath, path).then(() => true));
      return await move().catch(async (error: unknown) => {
        await absent(error);
        await mkdir(dirname(path), { recursive: true }); // the first of its kind
        return await move();
      });
    } catch (error) {
      if (ABSENT.has(systemCode(error) ?? "")) await assertThere();
      throw diskError(`write to the store in ${folder}`, error);
    } finally {
      // Still there after a failure, and after a rename onto a link to the same file, which does nothing.
      if (temporaryPath !== "") await rm(temporaryPath, { force: true });
    }
  }

  /** Fills a new file from a stream; gives the SHA-256 of what was written. */
  async function pour(metered: Meter, bytes: AsyncIterable<Uint8Array>, path: string, signal?: AbortSignal) {
    await using file = await open(path, "wx");
    await writeFile(file, metered.pass(abortable(bytes, signal)));
    const sha256 = metered.finish();
    await file.sync();
    return sha256;
  }

  /**
   * A copy, never a link: whoever may write the file would change the store's object with it. What is hashed is the copy.
   */
  async function copyIn(from: string, to: string, { signal, ...expected }: PutOptions) {
    const metered = meter(expected);
    if (!(await clone(from, to))) {
      await pour(metered, createReadStream(from, { highWaterMark: READ_BYTES }), to, signal);
      return;
    }
    const cloned = metered.pass(abortable(createReadStream(to, { highWaterMark: READ_BYTES }), signal));
    for await (const _ of cloned);
    metered.finish();
    await flush(to);
  }

  async function takeIn({ path, move }: LocalBody, temporaryPath: string, io: PutOptions): Promise<void> {
    const found = (await stat(path).catch(absent)) ?? missing(path, "There is no file");
    // A pipe or a device may never end.
    if (!found.isFile()) throw new PolyreelError("invalid", `${path} is not a file.`);
    // Of a symbolic link, the name would move. What is expected of its bytes is seen while they are copied.
    const asItIs = move && io.sha256 === undefined && io.maxBytes === undefined && (await lstat(path)).isFile();
    if (asItIs) await moveOrCopy(path, temporaryPath);
    else await copyIn(path, temporaryPath, io);
  }

  async function fillFrom(body: BlobBody, path: string, io: PutOptions): Promise<void> {
    if (isLocal(body)) return takeIn(body, path, io);
    if (!(body instanceof Uint8Array)) {
      await pour(meter(io), body, path, io.signal);
      return;
    }
    if (io.sha256 !== undefined || io.maxBytes !== undefined) {
      await pour(meter(io), once(body), path, io.signal);
      return;
    }
    await using file = await open(path, "wx");
    await file.writeFile(body);
    await file.sync();
  }

  return {
    async head(key, { signal } = {}) {
      signal?.throwIfAborted();
      const found = await stat(pathOf(key), { bigint: true }).catch(absent);
      return found?.isFile() ? blobInfo(key, found) : undefined;
    },

    async *read(key, { range, signal } = {}) {
      signal?.throwIfAborted();
      const { start, end } = checkedRange(range);
      await using file = (await open(pathOf(key), "r").catch(absent)) ?? missing(key);
      const found = await file.stat();
      if (!found.isFile()) missing(key);
      const last = Math.min(end, found.size);
      for (let at = start; at < last; ) {
        signal?.throwIfAborted();
        const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, last - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) break; // cut short meanwhile
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    },

    async put(key, body, io = {}) {
      const path = pathOf(key); // nothing is read for a key that is none
      // What is there already costs no writing; a race is decided when the file gets its name.
      if (io.ifAbsent && (await stat(path).catch(absent))) return discard(body);
      const fill = async (path: string) => {
        await fillFrom(body, path, io);
        return key;
      };
      const written = await putAs(fill, io);
      await discard(body);
      return written;
    },

    async putHashed(prefix, bytes, { signal, ...limits } = {}) {
      const keyOf = (sha256: string) => `${prefix}/${sha256}`;
      const metered = meter(limits);
      let sha256 = "";
      pathOf(keyOf("0".repeat(64))); // nothing is read for a prefix that is none
      const fill = async (path: string) => {
        sha256 = await pour(metered, bytes, path, signal);
        return keyOf(sha256);
      };
      await putAs(fill, { signal });
      return { sha256, sizeBytes: metered.sizeBytes };
    },

    async localPath(key) {
      const path = pathOf(key);
      return (await stat(path).catch(absent))?.isFile() ? path : missing(key);
    },

    async remove(keys, { signal } = {}) {
      const paths = keys.map(pathOf);
      for (let i = 0; i < paths.length; i += REMOVED_AT_ONCE) {
        signal?.throwIfAborted();
        await Promise.all(paths.slice(i, i + REMOVED_AT_ONCE).map((path) => rm(path).catch(absent)));
      }
    },

    async touch(key) {
      const now = new Date();
      await utimes(pathOf(key), now, now).catch(absent);
    },

    async *list(prefix, { after = "", signal } = {}) {
      if (checkedKeyPrefix(prefix).startsWith(`${TEMPORARY}/`)) return;
      signal?.throwIfAborted();
      await assertThere(); // where no disk is mounted, its folder is empty
      const isOwn = (name: string) => name !== TEMPORARY;
      yield* listFolder({ root: folder, prefix, after, isOwn, absent, signal });
    },

    async segments(prefix, { signal } = {}) {
      signal?.throwIfAborted();
      await assertThere();
      const names = (await readdir(prefix === "" ? folder : pathOf(prefix)).catch(absent)) ?? [];
      return names.filter((name) => isKey(name) && (prefix !== "" || name !== TEMPORARY));
    },

    async ping({ signal }: Io = {}) {
      signal?.throwIfAborted();
      await assertThere();
    },
  };
}

/** A stream of a file has a `path`, too. */
const isLocal = (body: BlobBody): body is LocalBody => "path" in body && !(Symbol.asyncIterator in body);

/** What was to be moved is gone afterwards, in either case. */
async function discard(body: BlobBody): Promise<false> {
  if (isLocal(body) && body.move) await rm(body.path, { force: true });
  return false;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function checkedRange({ start, end }: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY }): ByteRange {
  if (start >= 0 && end >= start) return { start, end };
  throw new PolyreelError("invalid", `${start} to ${end} is not a range of bytes.`);
}

/** No such file; a file where a folder should be; a folder, which holds keys but is none. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

function ignoreAbsent(error: unknown): undefined {
  if (!ABSENT.has(systemCode(error) ?? "")) throw diskError("read from the store", error);
}

function missing(what: string, words = "The store has no"): never {
  throw new PolyreelError("not_found", `${words} ${what}.`);
}
