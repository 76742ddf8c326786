import { open, readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PolyreelError } from "../errors.js";
import { diskError } from "../files/disk-error.js";
import { blobInfo } from "./blob-info.js";
import { checkFolderFormat } from "./folder-format.js";
import { listFolder } from "./folder-listing.js";
import { FolderPresence, missing } from "./folder-presence.js";
import { folderWriter } from "./folder-writer.js";
import { checkedKey, checkedKeyPrefix, isKey } from "./keys.js";
import type { ByteRange, Io, Store } from "./store.js";
import { openTemporaryFolder } from "./temporary-folder.js";

/** Folder for temporary files. */
const TEMPORARY = "tmp";
const READ_BYTES = 1 << 20;
const REMOVED_AT_ONCE = 16;

/** Opens the store in a folder, creating it if needed. Temporary files of killed processes are removed. */
export async function openFolderStore(root: string): Promise<Store> {
  const folder = resolve(root);
  const unusable = (error: unknown): never => {
    throw diskError(`use ${folder} as the store`, error);
  };
  const temporary = await openTemporaryFolder(join(folder, TEMPORARY)).catch(unusable);
  await checkFolderFormat(folder).catch(unusable);
  return folderStore(folder, temporary.newPath);
}

/** Opens an existing store without creating or removing anything. Undefined if the folder contains no store. */
export async function findFolderStore(root: string): Promise<Store | undefined> {
  const folder = resolve(root);
  if (!(await new FolderPresence(folder, TEMPORARY).isThere())) return undefined;
  return folderStore(folder, async () => (await openTemporaryFolder(join(folder, TEMPORARY))).newPath());
}

/**
 * A store in a local folder: one file per key. Objects are written under `tmp/` in the same folder, hence the same file
 * system, and renamed: a key has its whole object or none, and of two writers of one key either may win. Bytes are flushed
 * to the disk before the rename, so that a power failure leaves no empty file under a key.
 */
function folderStore(folder: string, newPath: () => Promise<string>): Store {
  const presence = new FolderPresence(folder, TEMPORARY);
  const pathOf = (key: string): string => {
    const path = checkedKey(key);
    if (path === TEMPORARY || path.startsWith(`${TEMPORARY}/`)) {
      throw new PolyreelError("invalid", `${JSON.stringify(key)} is reserved for temporary files.`);
    }
    return join(folder, path);
  };

  return {
    ...folderWriter({ folder, presence, newPath, pathOf }),

    async head(key, { signal } = {}) {
      signal?.throwIfAborted();
      const path = pathOf(key);
      const found = await presence.find(() => stat(path, { bigint: true }));
      return found?.isFile() ? blobInfo(key, found) : undefined;
    },

    async *read(key, { range, signal } = {}) {
      signal?.throwIfAborted();
      const { start, end } = checkedRange(range);
      const path = pathOf(key);
      await using file = (await presence.find(() => open(path, "r"))) ?? missing(key);
      const found = await file.stat();
      if (!found.isFile()) missing(key);
      const last = Math.min(end, found.size);
      for (let at = start; at < last; ) {
        signal?.throwIfAborted();
        const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, last - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) break; // Truncated meanwhile.
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    },

    files: {
      async open(key, { signal } = {}) {
        signal?.throwIfAborted();
        const path = pathOf(key);
        if (!(await presence.find(() => stat(path)))?.isFile()) missing(key);
        return { path, [Symbol.asyncDispose]: async () => {} };
      },
    },

    async remove(keys, { signal } = {}) {
      const paths = keys.map(pathOf);
      for (let i = 0; i < paths.length; i += REMOVED_AT_ONCE) {
        signal?.throwIfAborted();
        await Promise.all(
          paths.slice(i, i + REMOVED_AT_ONCE).map((path) => presence.find(() => rm(path).then(() => true))),
        );
      }
    },

    async *list(prefix, { after = "", signal } = {}) {
      if (checkedKeyPrefix(prefix).startsWith(`${TEMPORARY}/`)) return;
      signal?.throwIfAborted();
      await presence.assertThere(); // Without its disk, the folder is empty.
      const isOwn = (name: string) => name !== TEMPORARY;
      yield* listFolder({ root: folder, prefix, after, isOwn, absent: presence.absent, signal });
    },

    async segments(prefix, { signal } = {}) {
      signal?.throwIfAborted();
      await presence.assertThere();
      const path = prefix === "" ? folder : pathOf(prefix);
      const names = (await presence.find(() => readdir(path))) ?? [];
      return names.filter((name) => isKey(name) && (prefix !== "" || name !== TEMPORARY));
    },

    async ping({ signal }: Io = {}) {
      signal?.throwIfAborted();
      await presence.assertThere();
    },
  };
}

function checkedRange({ start, end }: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY }): ByteRange {
  if (start >= 0 && end >= start) return { start, end };
  throw new PolyreelError("invalid", `${start} to ${end} is not a range of bytes.`);
}
