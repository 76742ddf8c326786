import { SAMPLE_RATE } from "./pcm.js";

/**
 * Loudness according to ITU-R BS.1770-4, for stereo. Power is the K-weighted mean square, summed over both channels;
 * loudness is -0.691 + 10 log10(power), in LUFS (the offset makes a 997 Hz sine at 0 dBFS in one channel -3.01 LUFS).
 */
const OFFSET_LU = -0.691;

/** Loudness over time is stored per 100 ms: the step between the gating blocks of BS.1770. */
export const HOP_SAMPLES = SAMPLE_RATE / 10;
/** A gating block lasts 400 ms. */
export const BLOCK_HOPS = 4;

/** Blocks below this never count. */
const ABSOLUTE_GATE_LUFS = -70;
/** Nor do blocks this far below the mean of the others. */
const RELATIVE_GATE_LU = -10;

export const lufsOfPower = (power: number): number => (power > 0 ? OFFSET_LU + 10 * Math.log10(power) : -Infinity);
export const powerOfLufs = (lufs: number): number => 10 ** ((lufs - OFFSET_LU) / 10);

/** Amplitude factor of a level in decibels, and back. */
export const amplitudeOfDb = (db: number): number => 10 ** (db / 20);
export const dbOfAmplitude = (amplitude: number): number => 20 * Math.log10(amplitude);

/**
 * Integrated loudness in LUFS from the power of each 100 ms (BS.1770-4, annex 1, equations 3 to 7): the mean of the
 * overlapping blocks of 400 ms that pass both gates. Shorter sound counts as one block. -infinity if no block passes.
 */
export function integratedLoudness(hopPowers: ArrayLike<number>, relativeGateLu = RELATIVE_GATE_LU): number {
  const audible = blockPowers(hopPowers).filter((power) => power > powerOfLufs(ABSOLUTE_GATE_LUFS));
  const gate = mean(audible) * 10 ** (relativeGateLu / 10);
  return lufsOfPower(mean(audible.filter((power) => power > gate)));
}

function blockPowers(hops: ArrayLike<number>): number[] {
  const length = Math.min(BLOCK_HOPS, hops.length);
  const blocks: number[] = [];
  for (let end = length; length > 0 && end <= hops.length; end++) {
    let sum = 0;
    for (let hop = end - length; hop < end; hop++) sum += hops[hop] as number;
    blocks.push(sum / length);
  }
  return blocks;
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
