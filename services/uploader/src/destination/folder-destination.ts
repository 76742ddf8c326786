import { randomUUID } from "node:crypto";
import { lstat, open, readdir, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { writeLayout } from "@polyreel/media/join/write.js";
import { toPolyreelError } from "@polyreel/platform/errors.js";
import { diskError, systemCode } from "@polyreel/platform/store/disk-error.js";
import type { Destination, Pieces, Place, Put, Putting } from "./destination.js";
import { enterFolder, findFolder } from "./enter-folder.js";
import { plainName } from "./plain-name.js";

/** Folders whose identity is kept, of the batches that delivered last. */
const MAX_KNOWN_FOLDERS = 1000;

/**
 * A folder of this machine. A file is written under a hidden name beside its own, hence on the same file system, and
 * renamed: programs that watch the folder see it whole. Nothing outside the root is ever written, also not through
 * symbolic links.
 */
export class FolderDestination implements Destination {
  readonly root: string;
  /** Device and inode of the folder that a batch's file went to last, by batch and folder. */
  readonly #known = new Map<string, string>();

  constructor(root: string) {
    this.root = resolve(root);
  }

  isThere(): Promise<boolean> {
    return this.#about(`look for ${this.root}`, () => stat(this.root).then((found) => found.isDirectory(), isAbsent));
  }

  deliver(...[layout, parts, place, putting]: Parameters<Destination["deliver"]>): Promise<Put> {
    return this.#put(place, putting, (path) => writeLayout(layout, parts, path, { signal: putting.signal }));
  }

  write(pieces: Pieces, place: Place, putting: Putting): Promise<Put> {
    return this.#put(place, putting, async (path) => {
      await using file = await open(path, "wx");
      await writeFile(file, pieces, { signal: putting.signal });
    });
  }

  has(path: string): Promise<boolean> {
    return this.#about(`look for ${path} in ${this.root}`, async () => {
      const folder = await findFolder(this.root, posix.dirname(path));
      if (folder === undefined) return false;
      return await lstat(join(folder, plainName(posix.basename(path)))).then((found) => found.isFile(), isAbsent);
    });
  }

  removeLeftovers({ batchId, folder }: Pick<Place, "batchId" | "folder">): Promise<void> {
    return this.#about(`tidy up ${join(this.root, folder)}`, async () => {
      const path = await findFolder(this.root, folder);
      for (const name of path === undefined ? [] : await readdir(path)) {
        if (path && name.startsWith(hiddenPrefix(batchId))) await rm(join(path, name), { force: true });
      }
    });
  }

  remove(path: string): Promise<void> {
    return this.#about(`remove ${join(this.root, path)}`, async () => {
      const folder = await findFolder(this.root, posix.dirname(path));
      if (folder !== undefined) await rm(join(folder, plainName(posix.basename(path))), { force: true });
    });
  }

  removeRest(folder: string, names: readonly string[]): Promise<void> {
    return this.#about(`remove ${join(this.root, folder)}`, async () => {
      const path = await findFolder(this.root, folder);
      if (path === undefined) return;
      const left = await readdir(path);
      if (!left.every((name) => names.includes(name))) return;
      for (const name of left) await rm(join(path, name), { force: true });
      if (folder !== ".") await rmdir(path).catch(() => {}); // somebody put something there in between
    });
  }

  #put(place: Place, { fence }: Putting, write: (path: string) => Promise<void>): Promise<Put> {
    const { batchId, folder, fileName } = place;
    const name = plainName(fileName);
    return this.#about(`write ${name} to ${join(this.root, folder)}`, async () => {
      await fence?.();
      const { path, made } = await enterFolder(this.root, folder);
      const isOther = await this.#isOther(place, path);
      const hidden = join(path, `${hiddenPrefix(batchId)}${randomUUID()}`);
      const visible = join(path, name);
      try {
        await write(hidden);
        await fence?.();
        await rename(hidden, visible);
      } catch (error) {
        await rm(hidden, { force: true }).catch(() => {}); // the first error counts
        if (made && folder !== ".") await rmdir(path).catch(() => {}); // where others have put something there, it stays
        throw error;
      }
      await fence?.().catch(async (error: unknown) => {
        // Where its id is another batch's by now, the file may be that one's.
        if (toPolyreelError(error).code === "not_found") await rm(visible, { force: true });
        throw error;
      });
      return { path: posix.join(folder, fileName), inNewFolder: made || isOther };
    });
  }

  /** Whether a folder is not the one that this process has put the batch's files into before. */
  async #isOther({ batchId, folder }: Place, path: string): Promise<boolean> {
    const { dev, ino } = await stat(path);
    const [key, identity] = [`${batchId} ${folder}`, `${dev}:${ino}`];
    const before = this.#known.get(key);
    this.#known.delete(key); // the newest last
    this.#known.set(key, identity);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN_FOLDERS && oldest !== undefined) this.#known.delete(oldest);
    return before !== undefined && before !== identity;
  }

  async #about<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskError(action, error);
    }
  }
}

const hiddenPrefix = (batchId: string): string => `.${plainName(batchId)}-`;

/** For the rejection of a look at a file: there is none. */
function isAbsent(error: unknown): false {
  if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return false;
  throw error;
}
