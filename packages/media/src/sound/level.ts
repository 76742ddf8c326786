import { SoundRole } from "@polyreel/contract";
import { BLOCK_HOPS, HOP_SAMPLES } from "./loudness.js";
import type { LoudnessProfile } from "./loudness-profile.js";

/** Speech, clip sound and effects are mixed at this loudness; beds are relative to it. The whole is mastered afterwards. */
const TARGET_LUFS = -16;

/** What listeners get must not go over this: players that resample would clip it. */
export const MAX_TRUE_PEAK_DBTP = -1;

/** Below this a sound counts as silence, and is left alone: raising it would only raise its noise. */
export const SILENCE_LUFS = -60;

/**
 * How far a sound may be raised, in dB. Footage meant to be quiet (a room, wind) must not become a roar; speech and music
 * were chosen to be heard.
 */
const MAX_RAISE_DB: Readonly<Record<SoundRole, number>> = {
  [SoundRole.UNSPECIFIED]: 0,
  [SoundRole.CLIP]: 12,
  [SoundRole.VOICE]: 24,
  [SoundRole.BED]: 24,
  [SoundRole.EFFECT]: 24,
};

/** So much louder than -16 speech is in its loudest 100 ms; an effect gets no louder. */
const LOUDEST_OVER_LU = 4;

/**
 * Loudness of an effect from sample `from` on, in LUFS. It may be a bang of 50 ms: measured over itself it would be left far
 * too quiet, measured like speech (400 ms, most of it silence) raised until its peak is all that is heard. So it is measured
 * like speech, silence after it included, or by its loudest 100 ms less 4 LU, whichever says more.
 */
export function effectLoudness(profile: LoudnessProfile, from: number): number {
  const to = Math.max(profile.samples, from + BLOCK_HOPS * HOP_SAMPLES);
  return Math.max(profile.integrated(from, to), profile.loudest(from, to) - LOUDEST_OVER_LU);
}

/** Gain in dB that brings a stretch of this integrated loudness to -16 LUFS, as far as its role allows. */
export function levelGainDb(lufs: number, role: SoundRole): number {
  if (lufs < SILENCE_LUFS) return 0;
  return Math.min(TARGET_LUFS - lufs, MAX_RAISE_DB[role]);
}
