import { PolyreelError } from "@polyreel/platform";
import {
  probePrefix,
  type Store,
  sourceKey,
  sourceRecordKey,
  sourceRemovalKey,
  sourceUseKey,
  verifiedKey,
} from "@polyreel/platform/blobs";
import pLimit from "p-limit";

/** A removal that takes longer has been killed or stopped: it no longer removes anything, and nobody waits for it. */
const REMOVAL_MS = 5 * 60_000;
const WRITTEN_AT_ONCE = 16;

/**
 * Records that a source is used now, and that its bytes must stay for a while. Throws PolyreelError `unavailable` while
 * it is being removed. A removal announces itself before it looks at the last use, and this looks for the announcement
 * after it has recorded the use: at least one of the two notices the other.
 */
export async function markUsed(store: Store, sha256: string, signal: AbortSignal): Promise<void> {
  await writeUse(store, sha256, signal);
  await assertStays(store, sha256, signal);
}

/** Throws PolyreelError `unavailable` while a source is being removed. */
export async function assertStays(store: Store, sha256: string, signal: AbortSignal): Promise<void> {
  const removal = await store.head(sourceRemovalKey(sha256), { signal });
  if (!removal || Date.now() - removal.writtenAt.getTime() > REMOVAL_MS) return;
  throw new PolyreelError("unavailable", {
    reason: "The source with these bytes is just being removed.",
    remedy: "Send it again in a moment.",
  });
}

/** Records that sources were used until now, of those that exist: by a batch that is deleted. */
export async function recordLastUse(store: Store, hashes: Iterable<string>, signal: AbortSignal): Promise<void> {
  const atOnce = pLimit(WRITTEN_AT_ONCE);
  const record = async (sha256: string) => {
    signal.throwIfAborted();
    if (await store.head(sourceKey(sha256), { signal })) await writeUse(store, sha256, signal);
  };
  await Promise.all([...hashes].map((sha256) => atOnce(() => record(sha256))));
}

async function writeUse(store: Store, sha256: string, signal: AbortSignal): Promise<void> {
  await store.put(sourceUseKey(sha256), Buffer.from(new Date().toISOString()), { signal });
}

/**
 * Removes a source, what is recorded of it, and its probes. `mayGo` is called when no upload of the same bytes can be
 * answered any more; if it throws or answers false, the source stays. Returns whether it was removed.
 */
export async function removeStoredSource(
  store: Store,
  sha256: string,
  { mayGo, signal }: { mayGo: () => Promise<boolean>; signal: AbortSignal },
): Promise<boolean> {
  const began = Date.now();
  const removal = sourceRemovalKey(sha256);
  await store.put(removal, Buffer.from(new Date(began).toISOString()), { signal });
  try {
    if (!(await mayGo())) return false;
    const probes: string[] = [];
    for await (const { key } of store.list(probePrefix(sha256), { signal })) probes.push(key);
    signal.throwIfAborted();
    if (Date.now() - began > REMOVAL_MS) throw tookTooLong();
    // The bytes go first: a kill in between leaves a record without bytes, which the next clean-up removes.
    await store.remove([sourceKey(sha256)], { signal });
    await store.remove([verifiedKey(sha256), sourceRecordKey(sha256), sourceUseKey(sha256), ...probes], { signal });
    return true;
  } finally {
    await store.remove([removal]).catch(() => {}); // An old one counts as none.
  }
}

const tookTooLong = (): PolyreelError =>
  new PolyreelError("unavailable", {
    reason: "It took too long to find out whether the source is used.",
    remedy: "Try again when the store answers faster.",
  });
