import type { Readable } from "node:stream";

/**
 * Where sources, parts and specifications lie. Keys are paths of safe characters: `sources/<sha256>`,
 * `probes/<sha256>/<version>`, `parts/<kind>/<hash>`, `parts/<kind>/<hash>.index`, `plans/<batch id>-<hash>`, `outputs/<batch id>/<sha256>`. What lies under a key never changes, but for
 * being removed: keys are hashes or written once; `measured/<service>` alone is written again and again. Every write is atomic: a key is there whole or not at all.
 */
export interface Store {
  /** Undefined where the key does not exist. */
  stat(key: string): Promise<Found | undefined>;
  /** The whole object. Throws PolyreelError `not_found`. */
  read(key: string): Promise<Buffer>;
  /** Writes a small object. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes from a stream, in bounded memory; nothing is kept if the stream fails, the signal aborts, or `sha256` is given
   * and the bytes don't match it (PolyreelError `invalid`).
   */
  writeStream(
    key: string,
    bytes: Readable | AsyncIterable<Uint8Array>,
    options?: { sha256?: string; maxBytes?: number; signal?: AbortSignal },
  ): Promise<{ sizeBytes: number }>;
  /**
   * Writes a stream under the SHA-256 of its bytes, `<prefix>/<sha256>`, for bytes that nobody knows before they were read.
   * Otherwise as `writeStream`.
   */
  writeHashed(
    prefix: string,
    bytes: Readable | AsyncIterable<Uint8Array>,
    options?: { maxBytes?: number; signal?: AbortSignal },
  ): Promise<{ sha256: string; sizeBytes: number }>;
  /**
   * Takes in a local file. `move`: it is ours, nobody changes it any more, and it is gone afterwards; otherwise the store gets
   * bytes of its own, which do not change with the file. `sha256` is that of the copy's bytes, as for `writeStream`.
   */
  writeFile(
    key: string,
    path: string,
    options?: { move: true } | { sha256?: string; signal?: AbortSignal },
  ): Promise<void>;
  /** A local file with the object's bytes, for programs that read files. Throws PolyreelError `not_found`. */
  localPath(key: string): Promise<string>;
  remove(key: string): Promise<void>;
  /** Notes that it is used now, where it exists. */
  touch(key: string): Promise<void>;
  /** Keys under a prefix of whole segments (all, where it is empty), in no order. Some that come or go meanwhile may be told or not. */
  list(prefix: string): AsyncIterable<string>;
  /** The next segments of keys under such a prefix, each once, in no order: of `tenants`, say, the tenants' names. */
  segments(prefix: string): Promise<string[]>;
}

/** An object of the store. */
export interface Found {
  readonly sizeBytes: number;
  /** When it was written, or touched since. */
  readonly usedAt: Date;
}

/** Below it each tenant has its own. */
export const TENANTS = "tenants";
export const SOURCES = "sources";
export const sourceKey = (sha256: string): string => `${SOURCES}/${sha256}`;
/** Which file a source was when its bytes were last compared with its hash. */
export const verifiedKey = (sha256: string): string => `${sourceKey(sha256)}.verified`;
export const PLANS = "plans";
/** What all keys of a batch's own begin with: its specification, what came of its URLs, its lists of work. */
export const planPrefix = (batchId: string): string => `${PLANS}/${batchId}-`;
/** A batch's specification. Its hash is part of the key: of two gateways that get different ones, one is accepted. */
export const planKey = (batchId: string, specSha256: string): string => planPrefix(batchId) + specSha256.slice(0, 16);
/** What a batch got from a URL, by the SHA-256 of that URL. */
export const fetchedKey = (batchId: string, urlSha256: string): string => `${planPrefix(batchId)}url-${urlSha256}`;
/** Paths of videos that stay when the batch is deleted: others have written there, too. */
export const keptPathsKey = (batchId: string): string => `${planPrefix(batchId)}kept`;
/** What earlier batches of its name left in a batch's folder (DroppedFiles). */
export const droppedKey = (batchId: string): string => `${planPrefix(batchId)}dropped`;
/** Below it lies what outputs consist of besides parts, by batch. */
const OUTPUT_BYTES = "outputs";
/** All of a batch. */
export const outputBytesPrefix = (batchId: string): string => `${OUTPUT_BYTES}/${batchId}`;
/** Literal bytes of an output, by their SHA-256. They belong to the batch, and go with it. */
export const outputBytesKey = (batchId: string, sha256: string): string => `${outputBytesPrefix(batchId)}/${sha256}`;
/** A piece of the list of what a resumed run of a batch works on. */
export const workListKey = (batchId: string, listId: string, piece: number): string =>
  `${planPrefix(batchId)}run-${listId}-${piece}`;
/** What the parts that a service made took. Of all tenants. */
export const measuredKey = (service: string): string => `measured/${service}`;
