import type { Content, Io } from "./store.js";

/** Objects of a store as local files, for programs that read files. */
export interface LocalFiles {
  /** Throws PolyreelError `not_found` if the key does not exist. */
  open(key: string, options?: OpenOptions): Promise<LocalFile>;
}

export interface OpenOptions extends Io {
  /**
   * What the object has to contain, if the caller knows: a cache then lends a copy with these bytes without a request to
   * the store, even after the object was removed. Callers compare the bytes: a folder lends its file as it is.
   */
  readonly content?: Content;
  /** Replaces the cache's copy: its bytes were found damaged. */
  readonly refetch?: boolean;
}

/**
 * A read-only file with an object's bytes. It is kept until it is disposed of, except in a folder store: there the file is
 * the object, and is removed with its key.
 */
export interface LocalFile extends AsyncDisposable {
  readonly path: string;
}
