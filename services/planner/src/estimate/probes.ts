import type { Probe } from "@polyreel/media/probe/parse.js";
import { probe } from "@polyreel/media/probe/probe.js";
import type { OpenSource } from "@polyreel/media/sources/sources.js";
import pLimit from "p-limit";
import { Memo } from "../plan/memo.js";

/** What a source is, by the SHA-256 of its bytes. */
export type Probes = (sha256: string, source: OpenSource, signal: AbortSignal) => Promise<Probe>;

/** Sources of one generation of the memo. */
const KEPT = 10_000;

/**
 * Probes sources, so many at a time, and remembers what they are, as the same bytes are always the same: starting ffprobe
 * takes longer than counting ten million combinations. Failures are not remembered.
 */
export function rememberedProbes(atOnce: number): Probes {
  const limit = pLimit(atOnce);
  const known = new Memo<Probe>(KEPT);
  return async (sha256, source, signal) => {
    const remembered = known.find(sha256);
    if (remembered) return remembered;
    const found = await limit(() => {
      signal.throwIfAborted();
      return probe(source.path, { signal });
    });
    await source.assertUnchanged();
    return known.get(sha256, () => found);
  };
}
