import type { LocalFile, LocalFiles, OpenOptions } from "@polyreel/platform/blobs";
import { LRUCache } from "lru-cache";

const HELD_AT_MOST = 16;

/** Keeps the files of the last few keys open between uses, so that reading a file range by range opens it once. */
export class HeldFiles {
  readonly #held = new LRUCache<string, HeldFile>({ max: HELD_AT_MOST, dispose: (held) => held.release() });

  constructor(private readonly files: LocalFiles) {}

  /** Throws as `LocalFiles.open` and `work` do. */
  async use<T>(key: string, work: (path: string) => Promise<T>, options?: OpenOptions): Promise<T> {
    const held = this.#held.get(key) ?? new HeldFile(this.files.open(key, options));
    if (!this.#held.has(key)) this.#held.set(key, held);
    try {
      return await held.use(work);
    } catch (error) {
      if (this.#held.peek(key) === held) this.#held.delete(key); // It may exist again the next time.
      throw error;
    }
  }

  /** Reopens it at the next use; current readers keep their file. */
  forget(key: string): void {
    this.#held.delete(key);
  }

  clear(): void {
    this.#held.clear();
  }
}

class HeldFile {
  #users = 0;
  #released = false;

  constructor(private readonly file: Promise<LocalFile>) {}

  async use<T>(work: (path: string) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work((await this.file).path);
    } finally {
      this.#users--;
      this.#closeUnused();
    }
  }

  release(): void {
    this.#released = true;
    this.#closeUnused();
  }

  #closeUnused(): void {
    if (!this.#released || this.#users > 0) return;
    this.file.then((file) => file[Symbol.asyncDispose]()).catch(() => {});
  }
}
