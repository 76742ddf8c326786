import { rm } from "node:fs/promises";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type PartIndex, PartIndexSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Content, LocalFile, OpenOptions, Store } from "@polyreel/platform/blobs";
import { digestBytes, digestFile, readRange } from "@polyreel/platform/files";
import { LRUCache } from "lru-cache";
import { HeldFiles } from "./held-files.js";
import { indexKey, payloadKey } from "./kinds/part-key.js";
import { labelOf, type PartKindName } from "./kinds/part-kinds.js";
import { type IndexOfKind, indexValue, payloadMismatch } from "./kinds/read-index.js";
import { PartIndexes, type ReadIndex } from "./part-indexes.js";
import { Removals } from "./removals.js";
import { removePart } from "./remove-part.js";

/** A part's index as passed to `put`, which adds the payload's size and hash. */
export type PartIndexInit = Omit<
  MessageInitShape<typeof PartIndexSchema>,
  "payloadBytes" | "payloadSha256" | "$typeName"
>;

export interface PartStoreOptions {
  /** Payload bytes kept in memory, 256 MiB by default. */
  cacheBytes?: number;
  /** Larger payloads are not kept in memory but read by ranges; 32 MiB by default. */
  cachedPayloadBytes?: number;
  /** Indexes kept in memory, in stored bytes; 32 MiB by default. */
  cachedIndexBytes?: number;
}

/** A local file with a payload; with its bytes if it is small enough to be kept in memory. */
export interface PartFile extends LocalFile {
  readonly bytes: Buffer | undefined;
}

/** A payload whose size and hash were checked. */
interface Payload {
  readonly content: Content;
  /** Undefined if it is too large to be kept. */
  readonly bytes: Buffer | undefined;
}

const MIB = 1 << 20;

/**
 * Stores parts by kind and hash. A part is a payload and, written after it, an index: a part exists when its index does, so a
 * crash between the two leaves a payload that the next attempt replaces.
 *
 * A payload is checked against its index once, when it enters this process's memory, not at each use. One that is
 * damaged or missing is removed with its index and reported as `unavailable`, so that the part is made again. Returned
 * ranges share the memory of the cache: do not write into them.
 */
export class PartStore {
  readonly #store: Store;
  readonly #removals: Removals;
  readonly #indexes: PartIndexes;
  readonly #payloads: LRUCache<string, Payload, { kind: PartKindName; hash: string }>;
  readonly #cachedPayloadBytes: number;
  readonly #files: HeldFiles;

  constructor(store: Store, options: PartStoreOptions = {}) {
    const cacheBytes = options.cacheBytes ?? 256 * MIB;
    this.#store = store;
    this.#files = new HeldFiles(store.files);
    this.#removals = new Removals(store);
    this.#cachedPayloadBytes = Math.min(options.cachedPayloadBytes ?? 32 * MIB, cacheBytes);
    this.#indexes = new PartIndexes(store, options.cachedIndexBytes ?? 32 * MIB, (kind, hash) =>
      this.#drop(kind, hash),
    );
    this.#payloads = new LRUCache({
      maxSize: cacheBytes + 16 * MIB,
      // A payload read by ranges takes hardly any memory, but must not be remembered for ever either.
      sizeCalculation: ({ bytes }) => (bytes?.length ?? 0) + 1024,
      // Concurrent callers share one read of the same payload, and get it even if it is evicted.
      fetchMethod: (_key, _stale, { context }) => this.#load(context.kind, context.hash),
      ignoreFetchAbort: true,
    });
  }

  /** Whether the part exists. Asks the store: another process may have made or removed it. */
  has(kind: PartKindName, hash: string): Promise<boolean> {
    return this.#indexes.has(kind, hash);
  }

  /**
   * Whether the part exists, for work that notices by itself if it does not: a part that the store had a moment ago costs no
   * request. A damaged index is removed, with its part.
   */
  async hasLately(kind: PartKindName, hash: string): Promise<boolean> {
    await this.#forgetRemoved();
    if (!this.#indexes.knows(kind, hash)) return (await this.index(kind, hash)) !== undefined;
    return this.#indexes.hasSeen(kind, hash) || this.has(kind, hash);
  }

  /** Whether its index is in memory. This costs no request, but the part may have been removed since. */
  knows(kind: PartKindName, hash: string): boolean {
    return this.#indexes.knows(kind, hash);
  }

  /**
   * Like `has`, by reading the index, which costs the work that follows no further request. A damaged part counts as
   * existing: that work finds it missing, and requests it again.
   */
  async existed(kind: PartKindName, hash: string): Promise<boolean> {
    return (await this.#indexOf(kind, hash)) !== undefined;
  }

  /** The part's index; undefined if the part does not exist. Returns the same object while it is cached. */
  async index(kind: PartKindName, hash: string): Promise<PartIndex | undefined> {
    const found = await this.#indexOf(kind, hash);
    return found === "damaged" ? undefined : found;
  }

  async #indexOf(kind: PartKindName, hash: string): Promise<ReadIndex> {
    await this.#forgetRemoved();
    return this.#indexes.read(kind, hash);
  }

  /** The payload's description in its index; undefined if the part does not exist. */
  async describe<K extends PartKindName>(kind: K, hash: string): Promise<IndexOfKind<K> | undefined> {
    return indexValue(kind, await this.index(kind, hash));
  }

  /**
   * Stores a part and returns its index; an existing part stays, and its index is returned with `reused`. A payload's file
   * is moved into the store, or removed if the part exists. `replace` writes it again, unnoticed by readers, because its
   * bytes must be the same; throws `conflict` if they are not. Throws `internal` if the index does not match the payload.
   */
  async put(
    kind: PartKindName,
    hash: string,
    payload: { path: string } | Uint8Array,
    init: PartIndexInit,
    options: { signal?: AbortSignal; replace?: boolean } = {},
  ): Promise<{ index: PartIndex; reused: boolean }> {
    const key = payloadKey(kind, hash);
    const digest =
      payload instanceof Uint8Array ? digestBytes(payload) : await digestFile(payload.path, options.signal);
    const index = create(PartIndexSchema, {
      ...init,
      payloadBytes: BigInt(digest.sizeBytes),
      payloadSha256: digest.sha256,
    });
    const mismatch = payloadMismatch(kind, index, digest.sizeBytes);
    if (mismatch) throw new PolyreelError("internal", mismatch);
    // Another process was faster. Readers may hold its index, so its payload must not change.
    const first = await this.index(kind, hash);
    if (first && (await this.has(kind, hash))) {
      const { replace = false } = options;
      if (replace && first.payloadSha256 !== digest.sha256) throw otherBytes(kind);
      if (replace) await this.#write(key, payload, digest, options.signal);
      else if (!(payload instanceof Uint8Array)) await rm(payload.path, { force: true });
      return { index: first, reused: !replace };
    }
    await this.#write(key, payload, digest, options.signal);
    const stored = toBinary(PartIndexSchema, index);
    await this.#store.put(indexKey(kind, hash), stored);
    this.#payloads.delete(key);
    this.#files.forget(key);
    return { index: this.#indexes.written(kind, hash, stored), reused: false };
  }

  async #write(
    key: string,
    payload: { path: string } | Uint8Array,
    content: Content,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const body = payload instanceof Uint8Array ? payload : { path: payload.path, move: true as const };
    await this.#store.put(key, body, { signal, content });
  }

  /** A local file with the verified payload. Throws `unavailable` if the part is damaged or missing. */
  async open(kind: PartKindName, hash: string): Promise<PartFile> {
    const { bytes, content } = await this.#payload(kind, hash);
    const file = await this.#store.files.open(payloadKey(kind, hash), { content }).catch(ignoreMissing);
    if (!file) throw await this.#lost(kind, hash);
    return { ...file, bytes };
  }

  /** Bytes `start` (included) to `end` (not included) of the payload. Throws `unavailable` as `open` does. */
  async read(kind: PartKindName, hash: string, start: number, end: number): Promise<Buffer> {
    const { bytes, content } = await this.#payload(kind, hash);
    if (start < 0 || end < start || end > content.sizeBytes) {
      throw new PolyreelError("internal", {
        reason: `Bytes ${start} to ${end} were requested of a ${labelOf(kind)} of ${content.sizeBytes}.`,
      });
    }
    if (bytes) return bytes.subarray(start, end);
    const range = await this.#readRange(payloadKey(kind, hash), start, end, { content });
    if (range?.length === end - start) return range;
    throw await this.#lost(kind, hash);
  }

  /** The same for an object that is no part: fewer bytes if it ends earlier, undefined if it does not exist. */
  readObject(key: string, start: number, end: number): Promise<Buffer | undefined> {
    return this.#readRange(key, start, end);
  }

  #readRange(key: string, start: number, end: number, options?: OpenOptions): Promise<Buffer | undefined> {
    return this.#files.use(key, (path) => readRange(path, start, end), options).catch(ignoreMissing);
  }

  /** Parts that other processes removed because of wrong bytes must not be served from memory. */
  async #forgetRemoved(): Promise<void> {
    if (!(await this.#removals.since())) return;
    this.#indexes.clear();
    this.#payloads.clear();
    this.#files.clear();
  }

  async #payload(kind: PartKindName, hash: string): Promise<Payload> {
    await this.#forgetRemoved();
    const key = payloadKey(kind, hash);
    const known = this.#payloads.get(key);
    if (known) return known;
    const payload = await this.#payloads.fetch(key, { context: { kind, hash } }).catch(ignoreMissing);
    if (!payload) throw await this.#lost(kind, hash);
    return payload;
  }

  /** Fetches and checks a payload. Undefined if it does not match its index. */
  async #load(kind: PartKindName, hash: string): Promise<Payload | undefined> {
    const index = await this.index(kind, hash);
    if (!index) return undefined;
    const content = { sha256: index.payloadSha256, sizeBytes: Number(index.payloadBytes) };
    // A damaged copy in a cache does not mean that the part is damaged.
    return (
      (await this.#loadFile(kind, hash, content)) ?? (await this.#loadFile(kind, hash, content, { refetch: true }))
    );
  }

  async #loadFile(
    kind: PartKindName,
    hash: string,
    content: Content,
    options: OpenOptions = {},
  ): Promise<Payload | undefined> {
    const { sizeBytes } = content;
    await using file = await this.#store.files
      .open(payloadKey(kind, hash), { ...options, content })
      .catch(ignoreMissing);
    if (!file) return undefined;
    const { path } = file;
    // Read one byte more than expected, so that a payload that is too long is noticed.
    const isKept = sizeBytes <= this.#cachedPayloadBytes;
    const bytes = isKept ? await readRange(path, 0, sizeBytes + 1) : undefined;
    const digest = bytes ? digestBytes(bytes) : await digestFile(path);
    return digest.sizeBytes === sizeBytes && digest.sha256 === content.sha256 ? { content, bytes } : undefined;
  }

  /** Removes the rest of a damaged part, and returns the error to throw. */
  async #lost(kind: PartKindName, hash: string): Promise<PolyreelError> {
    await this.#drop(kind, hash);
    const reason = `A ${labelOf(kind)} is missing from the store or damaged.`;
    const remedy = "It is made again; if this repeats, check the store's disk.";
    return new PolyreelError("unavailable", { reason, remedy }, { outage: false });
  }

  async #drop(kind: PartKindName, hash: string): Promise<void> {
    this.#indexes.forget(kind, hash);
    this.#payloads.delete(payloadKey(kind, hash));
    this.#files.forget(payloadKey(kind, hash));
    await removePart(this.#store, payloadKey(kind, hash));
  }
}

const otherBytes = (kind: PartKindName): PolyreelError =>
  new PolyreelError("conflict", {
    reason: `A ${labelOf(kind)} that was rebuilt differs from the one in the store, which was kept.`,
    remedy: "Report this: the same recipe must give the same bytes.",
  });

/** For `catch`: undefined if it does not exist. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof PolyreelError && error.code === "not_found") return undefined;
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
