import { SoundRole } from "@polyreel/contract";
import { BLOCK_HOPS, HOP_SAMPLES } from "./loudness.js";
import type { LoudnessProfile } from "./loudness-profile.js";

/** Speech, clip sound and effects are mixed at this loudness; beds are relative to it. The whole is mastered afterwards. */
const TARGET_LUFS = -16;

/** Limit for what listeners get: players that resample would clip higher peaks. */
export const MAX_TRUE_PEAK_DBTP = -1;

/** Quieter sound counts as silence, and is not levelled: that would only raise its noise. */
export const SILENCE_LUFS = -60;

/**
 * Maximum gain in dB. Intentionally quiet footage (a room, wind) must not become a roar; speech and music were chosen
 * to be heard.
 */
const MAX_RAISE_DB: Readonly<Record<SoundRole, number>> = {
  [SoundRole.UNSPECIFIED]: 0,
  [SoundRole.CLIP]: 12,
  [SoundRole.VOICE]: 24,
  [SoundRole.BED]: 24,
  [SoundRole.EFFECT]: 24,
};

/** A line of speech that is quieter stays quieter than others. */
export const QUIETEST_VOICE_LUFS: number = TARGET_LUFS - MAX_RAISE_DB[SoundRole.VOICE];

/** Peak loudness of speech at -16 over 100 ms, relative to -16; effects get no louder. */
const LOUDEST_OVER_LU = 4;

/**
 * Loudness of an effect from sample `from` on, in LUFS. It may be a bang of 50 ms: measured over itself it would become
 * far too quiet; measured like speech (400 ms, mostly silence) it would be raised to its peak. So the larger of two
 * measures counts: like speech, including the silence after it, and its loudest 100 ms less 4 LU.
 */
export function effectLoudness(profile: LoudnessProfile, from: number): number {
  const to = Math.max(profile.samples, from + BLOCK_HOPS * HOP_SAMPLES);
  return Math.max(profile.integrated(from, to), profile.loudest(from, to) - LOUDEST_OVER_LU);
}

/** Gain in dB that brings a stretch of this integrated loudness to -16 LUFS, within the limits of its role. */
export function levelGainDb(lufs: number, role: SoundRole): number {
  if (lufs < SILENCE_LUFS) return 0;
  return Math.min(TARGET_LUFS - lufs, MAX_RAISE_DB[role]);
}
