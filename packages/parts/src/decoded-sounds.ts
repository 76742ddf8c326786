import { isTenant, type Store, scopedStore, TENANTS } from "@polyreel/platform/blobs";
import { INDEX_SUFFIX } from "./kinds/part-key.js";
import { removePart } from "./remove-part.js";

/** A sound used this recently may be about to be opened. An open one stays readable after its removal. */
const IN_USE_MS = 15 * 60_000;

const PCM = "parts/pcm/";

/** A decoded sound of a tenant's source: its payload and its index together. */
export interface DecodedSound {
  readonly tenant: string;
  readonly hash: string;
  readonly sizeBytes: number;
  readonly usedAt: Date;
}

export interface RemovedSounds {
  count: number;
  bytes: number;
}

export interface BoundOptions {
  /** Known times of last use; for other sounds, the time of writing counts. */
  readonly used: readonly Pick<DecodedSound, "tenant" | "hash" | "usedAt">[];
  readonly now: Date;
  /** Reports what would be removed, without removing it. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * Removes decoded sound of all tenants, least recently used first, until it takes no more than `maxBytes`. Sound used in
 * the last 15 minutes stays. It is a cache: removed sound is decoded again when needed.
 */
export async function boundDecodedSounds(
  store: Store,
  maxBytes: number,
  { used, now, dryRun, signal }: BoundOptions,
): Promise<RemovedSounds> {
  const removed: RemovedSounds = { count: 0, bytes: 0 };
  if (!Number.isFinite(maxBytes)) return removed;
  const usedAt = new Map(used.map((one) => [`${one.tenant} ${one.hash}`, one.usedAt]));
  const sounds = (await decodedSounds(store, signal)).map((sound) => {
    const lastUse = usedAt.get(`${sound.tenant} ${sound.hash}`);
    return lastUse && lastUse > sound.usedAt ? { ...sound, usedAt: lastUse } : sound;
  });
  for (const { tenant, hash, sizeBytes } of leastRecentlyUsed(sounds, maxBytes, now)) {
    signal.throwIfAborted();
    if (!dryRun) await removePart(scopedStore(store, tenant), PCM + hash, { signal });
    removed.count++;
    removed.bytes += sizeBytes;
  }
  return removed;
}

/** The sounds to remove until the rest fits, least recently used first. */
export function leastRecentlyUsed(sounds: readonly DecodedSound[], maxBytes: number, now: Date): DecodedSound[] {
  let excess = sounds.reduce((sum, { sizeBytes }) => sum + sizeBytes, -maxBytes);
  const unused = sounds.filter(({ usedAt }) => usedAt.getTime() < now.getTime() - IN_USE_MS);
  const selected: DecodedSound[] = [];
  for (const sound of unused.sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime())) {
    if (excess <= 0) break;
    excess -= sound.sizeBytes;
    selected.push(sound);
  }
  return selected;
}

async function decodedSounds(store: Store, signal: AbortSignal): Promise<DecodedSound[]> {
  const sounds: DecodedSound[] = [];
  for (const tenant of await store.segments(TENANTS, { signal })) {
    if (isTenant(tenant)) sounds.push(...(await decodedSoundsOf(tenant, store, signal)));
  }
  return sounds;
}

async function decodedSoundsOf(tenant: string, store: Store, signal: AbortSignal): Promise<Iterable<DecodedSound>> {
  const sounds = new Map<string, DecodedSound>();
  for await (const { key, sizeBytes, writtenAt } of scopedStore(store, tenant).list(PCM, { signal })) {
    // A payload without an index, or an index alone, was left by a process that died.
    const name = key.slice(PCM.length);
    const hash = name.endsWith(INDEX_SUFFIX) ? name.slice(0, -INDEX_SUFFIX.length) : name;
    const known = sounds.get(hash);
    const usedAt = known && known.usedAt > writtenAt ? known.usedAt : writtenAt;
    sounds.set(hash, { tenant, hash, sizeBytes: sizeBytes + (known?.sizeBytes ?? 0), usedAt });
  }
  return sounds.values();
}
