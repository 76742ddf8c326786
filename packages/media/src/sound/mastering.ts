import { type SoundRecipe, SoundRole } from "@polyreel/contract";
import { amplitudeOfDb, integratedLoudness } from "./loudness.js";
import { SAMPLE_RATE } from "./pcm.js";
import { predictPowers } from "./predicted-loudness.js";
import type { Track } from "./timeline.js";

/** Intentionally quiet sound (a room, wind) must not become a roar. */
const MAX_RAISE_DB = 12;
/** Shorter sound has too few gating blocks of 400 ms for a meaningful integrated loudness. */
const SHORTEST_RAISED_SECONDS = 3;

/** A finished soundtrack further from its target is made again, in LU. Rounding alone accounts for half of this. */
const TOLERANCE_LU = 0.9;

type Target = Pick<SoundRecipe, "events" | "samples" | "targetLufs">;

/**
 * The gain in dB that brings a mix to its recipe's target: predicted from its tracks, in whole decibels, so that
 * similar timelines get the same. Sound is raised by at most 12 dB, and not at all if it is shorter than 3 s or
 * consists of effects only; it is lowered without limit. 0 for silence, and without a target.
 */
export function masterGainDb(tracks: readonly Track[], recipe: Target): number {
  if (recipe.targetLufs === 0) return 0;
  const lufs = integratedLoudness(predictPowers(tracks, Number(recipe.samples)).expected);
  return gainTowards(recipe.targetLufs - lufs, tracks, recipe);
}

/**
 * The gain after a mix was made with `gainDb` and measured: unchanged if it is near its target, or as near as possible.
 * Correlated sounds (one recording as clip and as bed) are louder than predicted from their powers, and the limiter
 * reduces sound with many peaks.
 */
export function correctedGainDb(gainDb: number, lufs: number, tracks: readonly Track[], recipe: Target): number {
  const offBy = recipe.targetLufs - lufs;
  if (recipe.targetLufs === 0 || Math.abs(offBy) < TOLERANCE_LU) return gainDb;
  return gainTowards(gainDb + offBy, tracks, recipe);
}

function gainTowards(gainDb: number, tracks: readonly Track[], { events, samples }: Target): number {
  if (!Number.isFinite(gainDb)) return 0;
  const effectsAlone = tracks.every(({ event }) => events[event]?.role === SoundRole.EFFECT);
  const raised = effectsAlone || Number(samples) < SHORTEST_RAISED_SECONDS * SAMPLE_RATE ? 0 : MAX_RAISE_DB;
  return Math.min(raised, Math.round(gainDb));
}

/** Applies a gain in dB to all tracks. */
export function raised(tracks: readonly Track[], gainDb: number): readonly Track[] {
  if (gainDb === 0) return tracks;
  return tracks.map((track) => ({ ...track, level: track.level * amplitudeOfDb(gainDb) }));
}
