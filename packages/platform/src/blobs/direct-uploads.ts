import type { Io } from "./store.js";

/** A part that the server has. */
export interface UploadedPart {
  /** From 1. */
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** A part that a client will send. */
export interface PartLink {
  readonly number: number;
  /** Any other size is refused. */
  readonly sizeBytes: number;
  /** At most seven days. */
  readonly lifetimeMs: number;
}

/** Uploads in parts that clients send to the store's server themselves. */
export interface DirectUploads {
  /** Begins an upload of an object; returns its id on the server. */
  begin(key: string, io?: Io): Promise<string>;
  /** A link that takes one part by PUT, from anyone who has it. Nothing is sent. */
  linkTo(key: string, uploadId: string, part: PartLink): Promise<string>;
  /** The parts that have arrived, ascending; undefined if there is no such upload. */
  parts(key: string, uploadId: string, io?: Io): Promise<UploadedPart[] | undefined>;
  /** Makes parts an object. Returns false if there is no such upload (any more). */
  complete(key: string, uploadId: string, parts: readonly UploadedPart[], io?: Io): Promise<boolean>;
  /** Removes an upload with its parts; does nothing if there is none. */
  abort(key: string, uploadId: string, io?: Io): Promise<void>;
  /**
   * Copies an object inside the server, with the SHA-256 that it is known to have. Returns false if it does not exist, or no
   * longer has that version.
   */
  copy(from: CopiedObject, to: string, io?: Io): Promise<boolean>;
}

export interface CopiedObject {
  readonly key: string;
  readonly version: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}
