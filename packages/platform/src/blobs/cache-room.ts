import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "../errors.js";
import { removeAbandoned } from "./temporary-folder.js";

/** When there is no room, so much of it is made that the next files need not look for it again. */
const LOW_WATER = 0.9;

interface Folders {
  readonly root: string;
  readonly objects: string;
  readonly temporary: string;
  readonly maxBytes: number;
}

/** Files of a cache that count have their size behind the last dot of their name: looking at names costs little. */
const SIZE = /\.(\d+)$/;
const sizeIn = (name: string): number => Number(SIZE.exec(name)?.[1] ?? 0);

/** Keeps a cache's copies, and what is being fetched by any process, within a size. */
export class CacheRoom {
  #before: Promise<unknown> = Promise.resolve();

  constructor(private readonly folders: Folders) {}

  pathOfSize = (path: string, sizeBytes: number): string => `${path}.${sizeBytes}`;

  /**
   * Evicts copies where the files, those being fetched included, take more than they may: the least recently used first, but
   * none that is leased. Throws PolyreelError `precondition` where a file is larger than the cache, `exhausted` where those
   * that are leased leave no room.
   */
  make(sizeBytes: number, signal: AbortSignal): Promise<void> {
    // One after the other: each sees what the one before has evicted.
    const made = this.#before.then(async () => {
      signal.throwIfAborted();
      const { maxBytes, root, temporary } = this.folders;
      if (sizeBytes > maxBytes) {
        throw new PolyreelError("precondition", {
          reason: `A file of ${sizeBytes} bytes is larger than the whole cache in ${root}, which may take ${maxBytes}.`,
          remedy: "Raise the size of the cache.",
        });
      }
      if ((await this.#usedBytes()) <= maxBytes) return;
      await removeAbandoned(temporary);
      const excess = (await this.#usedBytes()) - maxBytes;
      if (excess <= 0) return;
      if ((await this.#evict(excess + maxBytes * (1 - LOW_WATER), signal)) < excess) throw this.full(sizeBytes);
    });
    this.#before = made.catch(() => {});
    return made;
  }

  full(sizeBytes: number): PolyreelError {
    const { maxBytes, root } = this.folders;
    return new PolyreelError(
      "exhausted",
      {
        reason: `The cache in ${root} has no room for ${sizeBytes} bytes: files in use take most of its ${maxBytes}.`,
        remedy: "Raise its size, or let fewer things be made at once.",
      },
      { outage: true },
    );
  }

  async #usedBytes(): Promise<number> {
    const { objects, temporary } = this.folders;
    const names = await readdir(objects);
    for (const process of await readdir(temporary)) {
      names.push(...(await readdir(join(temporary, process)).catch(() => []))); // that process has ended
    }
    return names.reduce((sum, name) => sum + sizeIn(name), 0);
  }

  /** Gives how many bytes went: as many as wanted, or fewer. */
  async #evict(wanted: number, signal: AbortSignal): Promise<number> {
    let evicted = 0;
    for (const { path, sizeBytes } of await this.#unused()) {
      signal.throwIfAborted();
      if (evicted >= wanted) break;
      await rm(path, { force: true });
      evicted += sizeBytes;
    }
    return evicted;
  }

  /** Copies that nobody has leased: one name each. Who leases one just now keeps its bytes. */
  async #unused() {
    const { objects } = this.folders;
    const copies = await Promise.all(
      (await readdir(objects)).map(async (name) => {
        const path = join(objects, name);
        const found = await stat(path).catch(() => undefined); // evicted by another process
        return found?.nlink === 1 ? [{ path, sizeBytes: sizeIn(name), usedAt: found.mtimeMs }] : [];
      }),
    );
    return copies.flat().sort((a, b) => a.usedAt - b.usedAt);
  }
}
