import { PolyreelError } from "@polyreel/platform";
import { DamagedObject, type Store, sourceKey } from "@polyreel/platform/blobs";
import { digestStream } from "@polyreel/platform/files";
import { indexKey, partOfIndexKey, payloadKey } from "./kinds/part-key.js";
import type { PartKindName } from "./kinds/part-kinds.js";
import { parseIndex, readStoredIndex } from "./kinds/read-index.js";
import { removePart } from "./remove-part.js";
import { type PartName, removeSource } from "./sources/remove-source.js";

/** A completely read source or part of a tenant's store. */
export interface Scrubbed {
  readonly what: "source" | PartKindName;
  /** Hash of a source's bytes or of a part's recipe. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** Its damage, for people; absent if it is intact. */
  readonly damage?: string;
}

const SOURCE = /^sources\/([0-9a-f]{64})$/;

/**
 * Reads every source and part of a tenant's store and verifies its checksum. May run beside the services; objects that are
 * added or removed meanwhile may be skipped.
 */
export async function* scrub(store: Store, signal: AbortSignal): AsyncGenerator<Scrubbed> {
  for await (const { key } of store.list("", { signal })) {
    signal.throwIfAborted();
    const [, sha256] = SOURCE.exec(key) ?? [];
    if (sha256) yield* whole(await scrubSource(store, sha256, signal));
    const part = partOfIndexKey(key);
    if (part) yield* whole(await scrubPart(store, part.kind, part.hash, signal));
  }
}

/**
 * Removes a damaged object: a part is made again when it is needed, a source can be put again. Returns the parts removed
 * with a source, because they were, or may have been, made from its damaged bytes.
 */
export async function removeDamaged(
  store: Store,
  { what, hash }: Scrubbed,
  signal: AbortSignal,
): Promise<readonly PartName[]> {
  if (what === "source") {
    const isStill = async () => (await scrubSource(store, hash, signal))?.damage !== undefined;
    return (await removeSource(store, hash, { isStill, signal })).parts;
  }
  await removePart(store, payloadKey(what, hash));
  return [];
}

function* whole(scrubbed: Scrubbed | undefined): Generator<Scrubbed> {
  if (scrubbed) yield scrubbed;
}

/** Undefined if it was removed meanwhile. */
async function scrubSource(store: Store, sha256: string, signal: AbortSignal): Promise<Scrubbed | undefined> {
  const digest = await digestOf(store, sourceKey(sha256), signal);
  if (!digest) return undefined;
  const scrubbed = { what: "source", hash: sha256, sizeBytes: digest.sizeBytes } as const;
  return digest.sha256 === sha256 ? scrubbed : { ...scrubbed, damage: "its bytes do not match its hash" };
}

async function scrubPart(
  store: Store,
  kind: PartKindName,
  hash: string,
  signal: AbortSignal,
): Promise<Scrubbed | undefined> {
  const stored = await readStoredIndex(store, indexKey(kind, hash), { signal });
  if (!stored) return undefined;
  const scrubbed = { what: kind, hash } as const;
  const index = parseIndex(kind, stored);
  if (!index) {
    return { ...scrubbed, sizeBytes: stored.length, damage: "its index can't be read" };
  }
  const digest = await digestOf(store, payloadKey(kind, hash), signal);
  if (!digest) {
    if (!(await store.head(indexKey(kind, hash)))) return undefined;
    return { ...scrubbed, sizeBytes: stored.length, damage: "its payload is missing" };
  }
  const sizeBytes = stored.length + digest.sizeBytes;
  const isIntact = digest.sha256 === index.payloadSha256 && BigInt(digest.sizeBytes) === index.payloadBytes;
  return isIntact ? { ...scrubbed, sizeBytes } : { ...scrubbed, sizeBytes, damage: "its bytes do not match its index" };
}

/** Bypasses all caches to verify the store itself. Undefined if the key does not exist. */
async function digestOf(store: Store, key: string, signal: AbortSignal) {
  try {
    return await digestStream(store.read(key, { signal }));
  } catch (error) {
    if (error instanceof DamagedObject)
      return { sha256: "", sizeBytes: (await store.head(key, { signal }))?.sizeBytes ?? 0 };
    if (!(error instanceof PolyreelError) || error.code !== "not_found") throw error;
    return undefined;
  }
}
