import type { PartStore } from "@polyreel/parts";
import type { PartKindName } from "@polyreel/parts/kinds";
import pLimit from "p-limit";
import type { ExistingByKind } from "./figures.js";
import type { Existing } from "./kind.js";
import type { PartTally, Tally } from "./tally.js";

const LOOKUPS_AT_ONCE = 32;

interface Lookup {
  readonly parts: PartStore;
  readonly signal: AbortSignal;
}

export const NONE_EXISTS: ExistingByKind = {
  clips: new Map(),
  sounds: new Map(),
  voices: new Map(),
  renditions: new Map(),
};

/** Which parts of some tallies are in the store already, or belong to the base. */
export async function existingByKind(
  tallies: readonly Tally[],
  base: Tally | undefined,
  lookup: Lookup,
): Promise<ExistingByKind> {
  const keys = (of: (tally: Tally) => ReadonlyMap<string, PartTally>) =>
    new Set(tallies.flatMap((tally) => [...of(tally).keys()]));
  const [clips, sounds, voices, renditions] = await Promise.all([
    existingOf(
      "clip",
      keys(({ clips }) => clips),
      base?.clips,
      lookup,
    ),
    existingOf(
      "sound",
      keys(({ sounds }) => sounds),
      base?.sounds,
      lookup,
    ),
    existingOf(
      "voice",
      keys(({ voices }) => voices),
      base?.voices,
      lookup,
    ),
    existingOf(
      "rendition",
      keys(({ renditions }) => renditions),
      base?.renditions,
      lookup,
    ),
  ]);
  return { clips, sounds, voices, renditions };
}

/** By hash, the bytes of those in the store; 0 for those of the base. */
export async function existingOf(
  kind: PartKindName,
  wanted: Iterable<string>,
  base: ReadonlyMap<string, PartTally> | undefined,
  { parts, signal }: Lookup,
): Promise<Existing> {
  const existing = new Map<string, number>();
  const atOnce = pLimit(LOOKUPS_AT_ONCE);
  await Promise.all(
    [...wanted].map((hash) =>
      atOnce(async () => {
        signal.throwIfAborted();
        const index = await parts.index(kind, hash);
        if (index) existing.set(hash, Number(index.payloadBytes));
        else if (base?.has(hash)) existing.set(hash, 0);
      }),
    ),
  );
  return existing;
}
