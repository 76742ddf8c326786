import { createReadStream } from "node:fs";
import { lstat, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { PolyreelError } from "../errors.js";
import { diskError } from "../files/disk-error.js";
import { abortable } from "./abortable.js";
import { type FolderPresence, isNoKey, missing } from "./folder-presence.js";
import { clone, flush, moveIfAbsent, moveOrCopy } from "./local-copies.js";
import { type Meter, meter } from "./meter.js";
import type { BlobBody, BlobStore, LocalBody, PutOptions } from "./store.js";

const READ_BYTES = 1 << 20;

interface WriterOptions {
  readonly folder: string;
  readonly presence: FolderPresence;
  /** An unused path on the file system of the folder. */
  readonly newPath: () => Promise<string>;
  readonly pathOf: (key: string) => string;
}

/** Writes objects of a store's folder: files are written at a temporary path, flushed to the disk, and renamed. */
export function folderWriter({
  folder,
  presence,
  newPath,
  pathOf,
}: WriterOptions): Pick<BlobStore, "put" | "putHashed"> {
  /** `fill` writes the object to a temporary path, and returns its key. */
  async function putAs(
    fill: (temporaryPath: string) => Promise<string>,
    { signal, ifAbsent }: PutOptions,
  ): Promise<boolean> {
    signal?.throwIfAborted();
    let temporaryPath = "";
    try {
      temporaryPath = await newPath();
      const path = pathOf(await fill(temporaryPath));
      signal?.throwIfAborted();
      const move = () => (ifAbsent ? moveIfAbsent(temporaryPath, path) : rename(temporaryPath, path).then(() => true));
      return await move().catch(async (error: unknown) => {
        await presence.absent(error);
        await mkdir(dirname(path), { recursive: true }); // The first key of this folder.
        return await move();
      });
    } catch (error) {
      if (isNoKey(error)) await presence.assertThere();
      throw diskError(`write to the store in ${folder}`, error);
    } finally {
      // It still exists after a failure, and after a rename onto a link to the same file, which does nothing.
      if (temporaryPath !== "") await rm(temporaryPath, { force: true });
    }
  }

  /** Writes a stream to a new file; returns the SHA-256 of its bytes. */
  async function pour(metered: Meter, bytes: AsyncIterable<Uint8Array>, path: string, signal?: AbortSignal) {
    await using file = await open(path, "wx");
    await writeFile(file, metered.pass(abortable(bytes, signal)));
    const sha256 = metered.finish();
    await file.sync();
    return sha256;
  }

  /**
   * Copies and never links: a writer of the file would change the store's object with it. The copy is hashed.
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
    const found = (await stat(path).catch(presence.absent)) ?? missing(path, "There is no file");
    // A pipe or a device may never end.
    if (!found.isFile()) throw new PolyreelError("invalid", `${path} is not a file.`);
    // Moving a symbolic link would move its name only. Expected size and hash are checked while copying.
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
    async put(key, body, io = {}) {
      const path = pathOf(key); // Reject an invalid key before reading.
      // An existing object needs no write; a race is decided by the rename.
      if (io.ifAbsent && (await stat(path).catch(presence.absent))?.isFile()) return discard(body);
      const fill = async (path: string) => {
        await fillFrom(body, path, io);
        return key;
      };
      const written = await putAs(fill, io);
      await discard(body);
      return written;
    },

    async putHashed(prefix, bytes, { signal, ifAbsent, ...limits } = {}) {
      const keyOf = (sha256: string) => `${prefix}/${sha256}`;
      const metered = meter(limits);
      let sha256 = "";
      pathOf(keyOf("0".repeat(64))); // Reject an invalid prefix before reading.
      const fill = async (path: string) => {
        sha256 = await pour(metered, bytes, path, signal);
        return keyOf(sha256);
      };
      const written = await putAs(fill, { signal, ...(ifAbsent && { ifAbsent }) });
      return { sha256, sizeBytes: metered.sizeBytes, written };
    },
  };
}

/** A stream of a file has a `path`, too. */
const isLocal = (body: BlobBody): body is LocalBody => "path" in body && !(Symbol.asyncIterator in body);

/** A file to be moved is removed in either case. */
async function discard(body: BlobBody): Promise<false> {
  if (isLocal(body) && body.move) await rm(body.path, { force: true });
  return false;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
