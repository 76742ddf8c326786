import type { Io } from "./store.js";

/** Objects of a store as local files, for programs that read files. */
export interface LocalFiles {
  /** Throws PolyreelError `not_found` if the key does not exist. */
  open(key: string, io?: Io): Promise<LocalFile>;
}

/**
 * A read-only file with an object's bytes. It is kept until it is disposed of, except in a folder store: there the file is
 * the object, and is removed with its key.
 */
export interface LocalFile extends AsyncDisposable {
  readonly path: string;
}
