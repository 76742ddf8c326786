import { type Store, scopedStore, sourceKey, sourceUseKey, TENANTS } from "@polyreel/platform/blobs";
import type { Scope } from "../call/call.js";
import { sourceObjects } from "./found-sources.js";
import { removeUnusedSpeech } from "./remove-unused-speech.js";
import { removeStoredSource } from "./source-removal.js";
import type { SourceUses } from "./source-uses.js";

/** What comes for a batch is stored before the batch is submitted: it is not removed in between. */
const SETTLING_MS = 60 * 60_000;
const CLOCKS_MS = 60_000;

export interface UnusedOptions {
  /** Sources are removed that were not used for longer; may be infinite. */
  readonly unusedMs: number;
  readonly scope: Scope;
  readonly now: Date;
  /** Counts only. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Throws if another clean-up has begun meanwhile. */
  readonly assertHeld: () => Promise<void>;
}

interface Removed {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Removes sources that no kept batch uses, and that were put, or used by a batch that is deleted, long enough ago: at least
 * an hour; and speech that cannot be made again by the same rule. Returns what was, or would be, removed.
 */
export async function removeUnusedSources(
  { store, uses }: { readonly store: Store; readonly uses: SourceUses },
  { unusedMs, scope, now, dryRun, signal, assertHeld }: UnusedOptions,
): Promise<Removed> {
  let [count, bytes] = [0, 0];
  if (!Number.isFinite(unusedMs)) return { count, bytes };
  const before = now.getTime() - Math.max(unusedMs, SETTLING_MS);
  const tenants = "all" in scope ? await store.segments(TENANTS, { signal }) : [scope.tenant];
  for (const tenant of tenants) {
    const own = scopedStore(store, tenant);
    let used: ReadonlySet<string> | undefined;
    // Batches submitted later are looked at for each source; clocks may differ a little.
    const since = new Date(Date.now() - CLOCKS_MS);
    for await (const { sha256, source, touchedAt } of sourceObjects(own, signal)) {
      signal.throwIfAborted();
      if (touchedAt.getTime() >= before) continue;
      used ??= await uses.used(tenant, signal);
      if (used.has(sha256)) continue;
      if (!dryRun) {
        await assertHeld();
        const mayGo = async () =>
          (await lastUse(own, sha256, signal)) < before &&
          (await uses.usersOf(tenant, sha256, { most: 1, since }, signal)).length === 0;
        if (!(await removeStoredSource(own, sha256, { mayGo, signal }))) continue;
      }
      if (!source) continue; // Only what was recorded beside it was left.
      count++;
      bytes += source.sizeBytes;
    }
    const speech = await removeUnusedSpeech(own, { before, dryRun, signal, assertHeld });
    count += speech.count;
    bytes += speech.bytes;
  }
  return { count, bytes };
}

/** Time of the last use in milliseconds; it may have been put again since it was listed. */
async function lastUse(store: Store, sha256: string, signal: AbortSignal): Promise<number> {
  const found = await Promise.all([sourceKey(sha256), sourceUseKey(sha256)].map((key) => store.head(key, { signal })));
  return Math.max(0, ...found.map((one) => one?.writtenAt.getTime() ?? 0));
}
