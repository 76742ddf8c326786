import type { DirectUploads } from "./direct-uploads.js";
import type { LocalFiles } from "./local-files.js";
import type { Presign } from "./presign.js";
import type { Traffic } from "./traffic.js";

/** Every call of a store can be cancelled: it then throws the signal's reason. */
export interface Io {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Store of sources, parts and specifications. Keys are paths of safe characters: `sources/<sha256>`,
 * `sources/<sha256>.record`, `probes/<sha256>/<version>`, `parts/<kind>/<hash>`, `parts/<kind>/<hash>.index`, `plans/<batch id>-<hash>`,
 * `outputs/<batch id>/<sha256>`, `speech/<hash>`, `uploads/<id>`, `access-keys/<id>`, `audit-log/<id>`, `link-keys/kept`,
 * `secrets/<name>.<version>`, `users/<id>/<revision>`, `user-sessions/<id>/<revision>`, `signing-keys/<id>`. The object under a key never
 * changes until it is removed: keys are hashes or written once; only `measured/<service>`, `voice-listings/<provider>` and what is
 * recorded beside a source are written repeatedly. Every write is atomic: a key has its whole object or none.
 */
export interface BlobStore {
  /** Undefined if the key does not exist. */
  head(key: string, io?: Io): Promise<BlobInfo | undefined>;
  /**
   * The object's bytes, or those of a range, which is cut at the object's end. Throws PolyreelError
   * `not_found` if the key does not exist, `invalid` for an invalid range.
   */
  read(key: string, io?: Io & { readonly range?: ByteRange }): AsyncIterable<Uint8Array>;
  /**
   * Writes an object, in bounded memory. Nothing is kept if the bytes fail, the signal aborts, there are more than
   * `maxBytes`, or they don't have the given SHA-256 (PolyreelError `invalid`). Returns whether it was written: with
   * `ifAbsent`, exactly one of concurrent writers of a missing key writes it, and an existing object stays.
   */
  put(key: string, body: BlobBody, io?: PutOptions): Promise<boolean>;
  /** Writes under the SHA-256 of the bytes, `<prefix>/<sha256>`, which need not be known before. Otherwise like `put`. */
  putHashed(
    prefix: string,
    bytes: AsyncIterable<Uint8Array>,
    io?: Pick<PutOptions, "signal" | "maxBytes" | "ifAbsent">,
  ): Promise<{ sha256: string; sizeBytes: number; written: boolean }>;
  /** Removes those of these keys that exist, in no particular order. */
  remove(keys: readonly string[], io?: Io): Promise<void>;
  /**
   * Objects whose keys begin with `prefix`, which may end within a segment, ascending by key; only those after the key
   * `after`, if given. Objects that are written or removed meanwhile may be included or not.
   */
  list(prefix: string, io?: Io & { readonly after?: string }): AsyncIterable<BlobInfo>;
  /** Distinct next segments of keys under whole segments, in no order: under `tenants`, the tenants' names. */
  segments(prefix: string, io?: Io): Promise<string[]>;
  /** Throws PolyreelError `unavailable` while the store can't be reached. */
  ping(io?: Io): Promise<void>;
}

/** The store as every service uses it. */
export interface Store extends BlobStore {
  readonly files: LocalFiles;
  /** Counted since it was opened, if the store is on a server. */
  readonly traffic?: Traffic;
  /**
   * How long an object that was seen may count as present, if asking for it costs a request: for work that notices by itself
   * if it is missing after all.
   */
  readonly presentForMs?: number;
  /** Links to its objects, where clients outside may reach the store. */
  readonly presign?: Presign | undefined;
  /** Uploads that clients send to the store's server, where they may reach it. */
  readonly directUploads?: DirectUploads | undefined;
}

/** An object of the store. */
export interface BlobInfo {
  readonly key: string;
  readonly sizeBytes: number;
  readonly writtenAt: Date;
  /**
   * Changes whenever the object's bytes may have changed. Absent if something outside the store may change them unnoticed,
   * as with a file that has a second hard link.
   */
  readonly version?: string | undefined;
}

/** Determines an object's bytes. */
export interface Content {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Bytes `start` (included) to `end` (not included). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes, a stream of them, or a local file, whose bytes are copied. */
export type BlobBody = Uint8Array | AsyncIterable<Uint8Array> | LocalBody;

/** `move`: the file is final, and the store takes it over, so that it no longer exists afterwards. */
export interface LocalBody {
  readonly path: string;
  readonly move?: true;
}

export interface PutOptions extends Io {
  readonly sha256?: string;
  readonly maxBytes?: number;
  readonly ifAbsent?: true;
  /** Of a file to be moved, computed by the caller: the file may then become a cache's copy instead of being read back. */
  readonly content?: Content;
}
