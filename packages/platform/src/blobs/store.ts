import type { LocalFiles } from "./local-files.js";

/** Every call of a store may be given up: it then throws the signal's reason. */
export interface Io {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where sources, parts and specifications lie. Keys are paths of safe characters: `sources/<sha256>`,
 * `probes/<sha256>/<version>`, `parts/<kind>/<hash>`, `parts/<kind>/<hash>.index`, `plans/<batch id>-<hash>`,
 * `outputs/<batch id>/<sha256>`. The object under a key never changes until it is removed: keys are hashes or written once;
 * `measured/<service>` alone is written repeatedly. Every write is atomic: a key has its whole object or none.
 */
export interface BlobStore {
  /** Undefined where the key does not exist. */
  head(key: string, io?: Io): Promise<BlobInfo | undefined>;
  /**
   * The object's bytes, or those of a range; what the range has beyond the object's end is left out. Throws PolyreelError
   * `not_found` where the key does not exist, `invalid` for a range that is none.
   */
  read(key: string, io?: Io & { readonly range?: ByteRange }): AsyncIterable<Uint8Array>;
  /**
   * Writes an object, in bounded memory. Nothing is kept if the bytes fail, the signal aborts, there are more than
   * `maxBytes`, or they don't have the SHA-256 that is given (PolyreelError `invalid`). Returns whether it was written:
   * with `ifAbsent`, of any number of writers of a key that does not exist exactly one writes it, and the others leave it
   * as it is.
   */
  put(key: string, body: BlobBody, io?: PutOptions): Promise<boolean>;
  /** Writes under the SHA-256 of the bytes, `<prefix>/<sha256>`, where it is known only once they were read. Otherwise as `put`. */
  putHashed(
    prefix: string,
    bytes: AsyncIterable<Uint8Array>,
    io?: Io & { readonly maxBytes?: number },
  ): Promise<{ sha256: string; sizeBytes: number }>;
  /** Removes these keys, in no order, as far as they exist. */
  remove(keys: readonly string[], io?: Io): Promise<void>;
  /**
   * Objects whose keys begin with `prefix`, which may end within a segment, ascending by key; those behind the key `after`,
   * if one is given. Objects that are written or removed meanwhile may be missing or not.
   */
  list(prefix: string, io?: Io & { readonly after?: string }): AsyncIterable<BlobInfo>;
  /** The next segments of keys under whole segments, each once, in no order: under `tenants`, the tenants' names. */
  segments(prefix: string, io?: Io): Promise<string[]>;
  /** Throws PolyreelError `unavailable` while the store can't be reached. */
  ping(io?: Io): Promise<void>;
}

/** What every service works with. */
export interface Store extends BlobStore {
  readonly files: LocalFiles;
}

/** An object of the store. */
export interface BlobInfo {
  readonly key: string;
  readonly sizeBytes: number;
  readonly writtenAt: Date;
  /**
   * Another one whenever the object may have other bytes than before. Absent where something outside the store may change them
   * unnoticed: a file that has a second name.
   */
  readonly version?: string | undefined;
}

/** Bytes `start` (included) to `end` (not included). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes, a stream of them, or a local file, whose bytes are copied. */
export type BlobBody = Uint8Array | AsyncIterable<Uint8Array> | LocalBody;

/** `move`: nobody changes the file any more, and the store takes it over: it is gone afterwards. */
export interface LocalBody {
  readonly path: string;
  readonly move?: true;
}

export interface PutOptions extends Io {
  readonly sha256?: string;
  readonly maxBytes?: number;
  readonly ifAbsent?: true;
}
