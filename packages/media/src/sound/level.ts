import { SoundRole } from "@polyreel/contract";

/** Speech and clip sound stand here; beds are relative to it. */
export const TARGET_LUFS = -16;

/** Below this a sound counts as silence, and is left alone: raising it would only raise its noise. */
const SILENCE_LUFS = -60;

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

/** Gain in dB that brings a stretch of this integrated loudness to -16 LUFS, as far as its role allows. */
export function levelGainDb(lufs: number, role: SoundRole): number {
  if (lufs < SILENCE_LUFS) return 0;
  return Math.min(TARGET_LUFS - lufs, MAX_RAISE_DB[role]);
}
