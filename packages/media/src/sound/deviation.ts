import { HOP_SAMPLES, lufsOfPower } from "./loudness.js";
import { SAMPLE_RATE } from "./pcm.js";
import type { PredictedPowers } from "./predicted-loudness.js";

/** A second of a mix that is not as loud as predicted. */
export interface Deviation {
  readonly seconds: number;
  readonly measuredLufs: number;
  readonly minLufs: number;
  readonly maxLufs: number;
}

const WINDOW_HOPS = 10;
/** Tolerance for a second of a correct mix, in LU. */
const TOLERANCE_LU = 3;
/** Below this, sound is inaudible beside speech at -16. */
const INAUDIBLE_LUFS = -50;

/**
 * The first second of a mix (from the power of each 100 ms) that is not as loud as predicted: a missing voice, a bed
 * that was not ducked. The integrated loudness of a minute would not show it.
 *
 * A window is compared with the predicted one made 100 ms longer (upper bound) and shorter (lower bound) on either
 * side, in whichever reading of the profiles gives most (least): within 100 ms a profile does not locate the sound.
 */
export function firstDeviation(measured: readonly number[], predicted: PredictedPowers): Deviation | undefined {
  const tolerance = 10 ** (TOLERANCE_LU / 10);
  const readings: readonly (readonly number[])[] = Object.values(predicted);
  for (let hop = 0; hop + WINDOW_HOPS <= predicted.expected.length; hop++) {
    const end = hop + WINDOW_HOPS;
    const measuredLufs = windowLufs(measured, hop, end);
    const minLufs = Math.min(...readings.map((powers) => windowLufs(powers, hop + 1, end - 1, 1 / tolerance)));
    const maxLufs = Math.max(...readings.map((powers) => windowLufs(powers, hop - 1, end + 1, tolerance)));
    const tooQuiet = measuredLufs < minLufs && minLufs > INAUDIBLE_LUFS;
    const tooLoud = measuredLufs > maxLufs && measuredLufs > INAUDIBLE_LUFS;
    if (tooQuiet || tooLoud) return { seconds: (hop * HOP_SAMPLES) / SAMPLE_RATE, measuredLufs, minLufs, maxLufs };
  }
  return undefined;
}

/** Loudness of the energy of some hops, times a factor, spread over one window. */
function windowLufs(powers: readonly number[], from: number, to: number, factor = 1): number {
  const energy = powers.slice(Math.max(0, from), to).reduce((sum, power) => sum + power, 0);
  return lufsOfPower((energy * factor) / WINDOW_HOPS);
}
