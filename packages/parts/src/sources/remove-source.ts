import { fromBinary } from "@bufbuild/protobuf";
import { PartIndexSchema } from "@polyreel/contract";
import { readBytes, type Store, sourceKey, verifiedKey } from "@polyreel/platform/blobs";
import pLimit from "p-limit";
import type { PartRef } from "../kinds/media-ref.js";
import { partOfIndexKey, payloadKey } from "../kinds/part-key.js";
import { type PartKindName, partKinds } from "../kinds/part-kinds.js";
import { announceRemovals } from "../removals.js";
import { removePart } from "../remove-part.js";

/** A source that was removed because its bytes were not those of its hash. */
export interface RemovedSource {
  readonly sha256: string;
  /** Parts removed with it. */
  readonly parts: readonly PartName[];
}

export type PartName = PartRef<PartKindName>;

const AT_ONCE = 16;

/**
 * Removes a source and the parts made from it, parts first: a crash in between leaves a source that is found damaged
 * again. `isStill`: whether it is still the file that was found damaged; a replacement put there meanwhile stays.
 */
export async function removeSource(
  store: Store,
  sha256: string,
  { isStill, signal }: { isStill: () => Promise<boolean>; signal: AbortSignal },
): Promise<RemovedSource> {
  const parts: PartName[] = [];
  for (const part of await partsFrom(store, sha256, signal)) {
    await removePart(store, payloadKey(part.kind, part.hash), { signal });
    parts.push(part);
  }
  if (parts.length > 0) await announceRemovals(store);
  if (await isStill()) {
    await store.remove([verifiedKey(sha256), sourceKey(sha256)], { signal });
  }
  return { sha256, parts };
}

/**
 * Parts that were, or may have been, made from a source. An index without sources leaves that open, and making the part
 * again costs less than delivering wrong bytes.
 */
export async function partsFrom(store: Store, sha256: string, signal: AbortSignal): Promise<PartName[]> {
  const atOnce = pLimit(AT_ONCE);
  const checks: Promise<PartName[]>[] = [];
  for await (const { key } of store.list("parts/", { signal })) {
    signal.throwIfAborted();
    const part = partOfIndexKey(key);
    if (!part || !partKinds[part.kind].fromSources) continue;
    checks.push(atOnce(async () => ((await mayBeFrom(store, key, sha256, signal)) ? [part] : [])));
  }
  return (await Promise.all(checks)).flat();
}

async function mayBeFrom(store: Store, key: string, sha256: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { sources } = fromBinary(PartIndexSchema, await readBytes(store, key, { signal }));
    return sources === undefined || sources.sha256.includes(sha256);
  } catch {
    return (await store.head(key, { signal })) !== undefined; // An unreadable part is no loss.
  }
}
