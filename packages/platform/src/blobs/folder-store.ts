import { constants, createReadStream } from "node:fs";
import {
  copyFile,
  lstat,
  mkdir,
  open,
  opendir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { PolyreelError } from "../errors.js";
import { diskError, systemCode } from "../files/disk-error.js";
import { abortable } from "./abortable.js";
import { checkFolderFormat } from "./folder-format.js";
import { checkedKey, isKey } from "./keys.js";
import { type Meter, meter } from "./meter.js";
import type { Store } from "./store.js";
import { openTemporaryFolder } from "./temporary-folder.js";

/** Where files in the making lie. */
const TEMPORARY = "tmp";
const READ_BYTES = 1 << 20;

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

  /** `fill` makes the object at a temporary path; it then lies under the key that `fill` tells, or nothing does. */
  async function putAs(fill: (temporaryPath: string) => Promise<string>): Promise<void> {
    let temporaryPath = "";
    try {
      temporaryPath = await temporary.newPath();
      const path = pathOf(await fill(temporaryPath));
      await rename(temporaryPath, path).catch(async (error: unknown) => {
        await absent(error);
        await mkdir(dirname(path), { recursive: true }); // the first of its kind
        await rename(temporaryPath, path);
      });
    } catch (error) {
      if (ABSENT.has(systemCode(error) ?? "")) await assertThere();
      throw diskError(`write to the store in ${folder}`, error);
    } finally {
      // Still there after a failure, and after a rename onto a link to the same file, which does nothing.
      if (temporaryPath !== "") await rm(temporaryPath, { force: true });
    }
  }

  async function put(key: string, fill: (temporaryPath: string) => Promise<void>): Promise<void> {
    pathOf(key); // nothing is read for a key that is none
    await putAs(async (path) => {
      await fill(path);
      return key;
    });
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
  async function copyIn(from: string, to: string, { signal, ...expected }: { sha256?: string; signal?: AbortSignal }) {
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

  return {
    async stat(key) {
      const found = await stat(pathOf(key)).catch(absent);
      return found?.isFile() ? { sizeBytes: found.size, usedAt: found.mtime } : undefined;
    },

    async read(key) {
      return (await readFile(pathOf(key)).catch(absent)) ?? missing(key);
    },

    write: (key, bytes) =>
      put(key, async (path) => {
        await using file = await open(path, "wx");
        await file.writeFile(bytes);
        await file.sync();
      }),

    async writeStream(key, bytes, { signal, ...expected } = {}) {
      const metered = meter(expected);
      await put(key, async (path) => {
        await pour(metered, bytes, path, signal);
      });
      return { sizeBytes: metered.sizeBytes };
    },

    async writeHashed(prefix, bytes, { signal, ...limits } = {}) {
      const keyOf = (sha256: string) => `${prefix}/${sha256}`;
      const metered = meter(limits);
      let sha256 = "";
      pathOf(keyOf("0".repeat(64))); // nothing is read for a prefix that is none
      await putAs(async (path) => {
        sha256 = await pour(metered, bytes, path, signal);
        return keyOf(sha256);
      });
      return { sha256, sizeBytes: metered.sizeBytes };
    },

    async writeFile(key, path, options = {}) {
      const move = "move" in options;
      await put(key, async (temporaryPath) => {
        const found = (await stat(path).catch(absent)) ?? missing(path, "There is no file");
        // A pipe or a device may never end.
        if (!found.isFile()) throw new PolyreelError("invalid", `${path} is not a file.`);
        // Of a symbolic link, the name would move.
        if (move && (await lstat(path)).isFile()) return moveOrCopy(path, temporaryPath);
        await copyIn(path, temporaryPath, move ? {} : options);
      });
      if (move) await rm(path, { force: true });
    },

    async localPath(key) {
      const path = pathOf(key);
      return (await stat(path).catch(absent))?.isFile() ? path : missing(key);
    },

    async remove(key) {
      await rm(pathOf(key)).catch(absent);
    },

    async touch(key) {
      const now = new Date();
      await utimes(pathOf(key), now, now).catch(absent);
    },

    async *list(prefix) {
      const under = prefix === "" ? folder : pathOf(prefix);
      for await (const path of filesUnder(under, absent)) {
        const key = relative(folder, path).split(sep).join("/");
        if (isKey(key) && !key.startsWith(`${TEMPORARY}/`)) yield key;
      }
    },

    async segments(prefix) {
      const names = (await readdir(prefix === "" ? folder : pathOf(prefix)).catch(absent)) ?? [];
      return names.filter((name) => isKey(name) && (prefix !== "" || name !== TEMPORARY));
    },
  };
}

/** Files below a folder, at any depth; none where there is no such folder. Folders are read one entry after the other. */
async function* filesUnder(folder: string, absent: (error: unknown) => Promise<undefined>): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(absent);
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path, absent);
    else if (entry.isFile()) yield path;
  }
}

/** File systems that cannot move a file there, or may not. */
const COPIED_INSTEAD = new Set(["EXDEV", "EPERM", "EACCES"]);

async function moveOrCopy(from: string, to: string): Promise<void> {
  await flush(from);
  await rename(from, to).catch(async (error: unknown) => {
    if (!COPIED_INSTEAD.has(systemCode(error) ?? "")) throw error;
    // FICLONE: shares the blocks where the file system can; copies otherwise.
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await flush(to);
  });
}

/** Shares the file's blocks, copied when either is written to; false, and nothing is there, where the file system can't. */
async function clone(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    await rm(to, { force: true }); // whatever was in the way, reading it and writing it will name
    return false;
  }
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

/** No such file; a file where a folder should be; a folder, which holds keys but is none. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

function ignoreAbsent(error: unknown): undefined {
  if (!ABSENT.has(systemCode(error) ?? "")) throw diskError("read from the store", error);
}

function missing(what: string, words = "The store has no"): never {
  throw new PolyreelError("not_found", `${words} ${what}.`);
}
