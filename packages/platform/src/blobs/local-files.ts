import type { Io } from "./store.js";

/** Objects of a store as files of this machine, for programs that read files. */
export interface LocalFiles {
  /** Throws PolyreelError `not_found` where the key does not exist. */
  open(key: string, io?: Io): Promise<LocalFile>;
}

/**
 * A file with an object's bytes, not to be written to. It is kept until it is disposed of, but for one of a store that is a
 * folder: that file is the object, and goes with it when the key is removed.
 */
export interface LocalFile extends AsyncDisposable {
  readonly path: string;
}
