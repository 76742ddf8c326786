import { isTenant, type Store, scopedStore, TENANTS } from "@polyreel/platform/blobs";
import { INDEX_SUFFIX } from "./kinds/part-key.js";
import { removePart } from "./remove-part.js";

/** What was used this recently may be about to be opened. What is open is read to its end, also when it is removed. */
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
  /** When sounds were used last, as far as that is known: others count from when they were written. */
  readonly used: readonly Pick<DecodedSound, "tenant" | "hash" | "usedAt">[];
  readonly now: Date;
  /** Only tells what would go. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * Removes decoded sound of all tenants, what was used least recently first, until it takes no more than `maxBytes`. What was
 * used in the last quarter of an hour stays. It is a cache: what is wanted again is decoded again.
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

/** Which of them go so that the rest is small enough: what was not used for the longest time first. */
export function leastRecentlyUsed(sounds: readonly DecodedSound[], maxBytes: number, now: Date): DecodedSound[] {
  let excess = sounds.reduce((sum, { sizeBytes }) => sum + sizeBytes, -maxBytes);
  const unused = sounds.filter(({ usedAt }) => usedAt.getTime() < now.getTime() - IN_USE_MS);
  const going: DecodedSound[] = [];
  for (const sound of unused.sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime())) {
    if (excess <= 0) break;
    excess -= sound.sizeBytes;
    going.push(sound);
  }
  return going;
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
    // One without an index, or an index alone, is what a process that died has left.
    const name = key.slice(PCM.length);
    const hash = name.endsWith(INDEX_SUFFIX) ? name.slice(0, -INDEX_SUFFIX.length) : name;
    const known = sounds.get(hash);
    const usedAt = known && known.usedAt > writtenAt ? known.usedAt : writtenAt;
    sounds.set(hash, { tenant, hash, sizeBytes: sizeBytes + (known?.sizeBytes ?? 0), usedAt });
  }
  return sounds.values();
}
