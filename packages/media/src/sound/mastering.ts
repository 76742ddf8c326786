import { type SoundRecipe, SoundRole } from "@polyreel/contract";
import { amplitudeOfDb, integratedLoudness } from "./loudness.js";
import { SAMPLE_RATE } from "./pcm.js";
import { predictPowers } from "./predicted-loudness.js";
import type { Track } from "./timeline.js";

/** What is meant to be quiet (a room, wind) must not become a roar. */
const MAX_RAISE_DB = 12;
/** Shorter sound has too few gating blocks of 400 ms for its integrated loudness to say how loud it seems. */
const SHORTEST_RAISED_SECONDS = 3;

/** So far from its target a finished soundtrack is made again, in LU. Rounding alone leaves half of that. */
const TOLERANCE_LU = 0.9;

type Target = Pick<SoundRecipe, "events" | "samples" | "targetLufs">;

/**
 * The gain in dB that brings a mix to its recipe's target: foretold from its tracks, in whole decibels, so that timelines
 * that differ little get the same. Sound is raised by at most 12 dB, and not at all where it is shorter than 3 s or nothing but
 * effects; it is lowered as far as it takes. 0 for silence, and where the recipe has no target.
 */
export function masterGainDb(tracks: readonly Track[], recipe: Target): number {
  if (recipe.targetLufs === 0) return 0;
  const lufs = integratedLoudness(predictPowers(tracks, Number(recipe.samples)).expected);
  return gainTowards(recipe.targetLufs - lufs, tracks, recipe);
}

/**
 * The gain after a mix was made with `gainDb` and measured: the same where it is near its target, or as near as it may come.
 * Sounds that swing together (one recording as clip and as bed) are louder than their powers foretell, and the limiter takes
 * some from what is full of peaks.
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

/** Tracks with so much gain, in dB, on each. */
export function raised(tracks: readonly Track[], gainDb: number): readonly Track[] {
  if (gainDb === 0) return tracks;
  return tracks.map((track) => ({ ...track, level: track.level * amplitudeOfDb(gainDb) }));
}
