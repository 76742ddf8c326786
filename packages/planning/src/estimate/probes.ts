import type { Probe } from "@polyreel/media/probe";
import type { OpenSource } from "@polyreel/parts/sources";
import { sourceProbe } from "@polyreel/parts/sources";
import type { Store } from "@polyreel/platform/blobs";
import pLimit from "p-limit";
import { Memo } from "../plan/memo.js";

/** Probe of a source in a store, by the SHA-256 of its bytes. */
export type Probes = (
  sha256: string,
  where: { readonly store: Store; readonly source: OpenSource },
  signal: AbortSignal,
) => Promise<Probe>;

/** Sources per generation of the memo. */
const KEPT = 10_000;

/**
 * Probes sources with limited concurrency, and caches the results, because the same bytes have the same probe: starting
 * ffprobe takes longer than counting ten million combinations. Failures are not cached.
 *
 * @param keep whether stores may be written to
 */
export function rememberedProbes(atOnce: number, { keep }: { keep: boolean }): Probes {
  const limit = pLimit(atOnce);
  const known = new Memo<Probe>(KEPT);
  return async (sha256, { store, source }, signal) => {
    const remembered = known.find(sha256);
    if (remembered) return remembered;
    const found = await limit(() => {
      signal.throwIfAborted();
      return sourceProbe(sha256, { store, source }, { signal, keep });
    });
    return known.get(sha256, () => found);
  };
}
