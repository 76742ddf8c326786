import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "../errors.js";
import { removeAbandoned } from "./temporary-folder.js";

/** Eviction goes down to this share of the limit, so that the next files need none. */
const LOW_WATER = 0.9;

interface Folders {
  readonly root: string;
  readonly objects: string;
  readonly temporary: string;
  readonly maxBytes: number;
}

/** Files that count have their size after the last dot of their name: reading names is cheap. */
const SIZE = /\.(\d+)$/;
const sizeIn = (name: string): number => Number(SIZE.exec(name)?.[1] ?? 0);

/** Keeps a cache's copies, and the files that any process is fetching, within a size. */
export class CacheRoom {
  #before: Promise<unknown> = Promise.resolve();

  constructor(private readonly folders: Folders) {}

  pathOfSize = (path: string, sizeBytes: number): string => `${path}.${sizeBytes}`;

  /**
   * Evicts copies if the files, those being fetched included, exceed the limit: the least recently used first, but
   * none that is leased. Throws PolyreelError `precondition` if a file is larger than the cache, `exhausted` if those
   * that are leased leave no room.
   */
  make(sizeBytes: number, signal: AbortSignal): Promise<void> {
    // One after the other: each sees the evictions of the one before.
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
        remedy: "Raise its size, or reduce concurrency.",
      },
      { outage: true },
    );
  }

  async #usedBytes(): Promise<number> {
    const { objects, temporary } = this.folders;
    const names = await readdir(objects);
    for (const process of await readdir(temporary)) {
      names.push(...(await readdir(join(temporary, process)).catch(() => []))); // That process has ended.
    }
    return names.reduce((sum, name) => sum + sizeIn(name), 0);
  }

  /** Returns the number of evicted bytes: as many as wanted, or fewer. */
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

  /** Copies without a lease, which have one name each. A lease taken concurrently keeps its bytes. */
  async #unused() {
    const { objects } = this.folders;
    const copies = await Promise.all(
      (await readdir(objects)).map(async (name) => {
        const path = join(objects, name);
        const found = await stat(path).catch(() => undefined); // Evicted by another process.
        return found?.nlink === 1 ? [{ path, sizeBytes: sizeIn(name), usedAt: found.mtimeMs }] : [];
      }),
    );
    return copies.flat().sort((a, b) => a.usedAt - b.usedAt);
  }
}
