import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { writeLayout } from "@polyreel/media/join/write.js";
import { diskError } from "@polyreel/platform/store/disk-error.js";
import type { Destination, Pieces, Place } from "./destination.js";
import { enterFolder } from "./enter-folder.js";
import { plainName } from "./plain-name.js";

/**
 * A folder of this machine. A file is written under a hidden name beside its own, hence on the same file system, and
 * renamed: programs that watch the folder see it whole. Nothing outside the root is ever written, also not through
 * symbolic links.
 */
export class FolderDestination implements Destination {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  async deliver(...[layout, parts, place, signal]: Parameters<Destination["deliver"]>): Promise<string> {
    await this.#put(place, (path) => writeLayout(layout, parts, path, { signal }));
    return posix.join(place.folder, place.fileName);
  }

  async write(pieces: Pieces, place: Place, signal: AbortSignal): Promise<string> {
    await this.#put(place, async (path) => {
      await using file = await open(path, "wx");
      await writeFile(file, pieces, { signal });
    });
    return posix.join(place.folder, place.fileName);
  }

  async removeLeftovers({ batchId, folder }: Pick<Place, "batchId" | "folder">): Promise<void> {
    const path = await enterFolder(this.root, folder);
    for (const name of await readdir(path)) {
      if (name.startsWith(hiddenPrefix(batchId))) await rm(join(path, name), { force: true });
    }
  }

  async remove(path: string): Promise<void> {
    const folder = await enterFolder(this.root, posix.dirname(path));
    await rm(join(folder, plainName(posix.basename(path))), { force: true });
  }

  async removeRest(folder: string, names: readonly string[]): Promise<void> {
    const path = await enterFolder(this.root, folder);
    const left = await readdir(path);
    if (!left.every((name) => names.includes(name))) return;
    for (const name of left) await rm(join(path, name), { force: true });
    if (folder !== ".") await rmdir(path).catch(() => {}); // somebody put something there in between
  }

  async #put({ batchId, folder, fileName }: Place, write: (path: string) => Promise<void>): Promise<void> {
    const name = plainName(fileName);
    try {
      const path = await enterFolder(this.root, folder);
      const hidden = join(path, `${hiddenPrefix(batchId)}${randomUUID()}`);
      try {
        await write(hidden);
        await rename(hidden, join(path, name));
      } catch (error) {
        await rm(hidden, { force: true });
        throw error;
      }
    } catch (error) {
      throw diskError(`write ${name} to ${join(this.root, folder)}`, error);
    }
  }
}

const hiddenPrefix = (batchId: string): string => `.${plainName(batchId)}-`;
