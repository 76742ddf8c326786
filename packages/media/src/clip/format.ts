import { PolyreelError } from "@polyreel/platform";
import { SAMPLE_RATE } from "../sound/pcm.js";

/** Frames per second as a fraction in lowest terms. */
export interface FrameRate {
  numerator: number;
  denominator: number;
}

/** The format that all clips of a batch are normalised to; same shape as the contract's Format. */
export interface ClipFormat {
  width: number;
  height: number;
  rateNumerator: number;
  rateDenominator: number;
}

/** The format of a canvas (pixels, frames per second). */
export function formatOf(canvas: { width: number; height: number; frameRate: number }): ClipFormat {
  const { numerator, denominator } = frameRateFraction(canvas.frameRate);
  return { width: canvas.width, height: canvas.height, rateNumerator: numerator, rateDenominator: denominator };
}

/** Tolerance for NTSC's x/1001 rates: 23.98, 23.976 and 23.976024 all mean 24000/1001. */
const NTSC_TOLERANCE = 0.005;
/** The largest denominator tried: three decimals are exact, and thirds or sevenths are found. */
const MAX_DENOMINATOR = 1000;

/**
 * The fraction that a decimal frame rate stands for: 23.976, 29.97, 59.94 and 119.88 are the NTSC rates 24000/1001 and
 * so on; anything else is the fraction with the smallest denominator within 1e-6.
 */
export function frameRateFraction(framesPerSecond: number): FrameRate {
  if (!(framesPerSecond > 0) || !Number.isFinite(framesPerSecond)) {
    throw new PolyreelError("invalid", `A frame rate must be a positive number, not ${framesPerSecond}.`);
  }
  const whole = Math.round(framesPerSecond);
  if (Math.abs(framesPerSecond - whole) < 1e-6) return { numerator: whole, denominator: 1 };
  const nominal = Math.ceil(framesPerSecond);
  const isNtsc = nominal % 6 === 0 && Math.abs(framesPerSecond - (nominal * 1000) / 1001) < NTSC_TOLERANCE;
  if (isNtsc) return { numerator: nominal * 1000, denominator: 1001 };
  for (let denominator = 2; denominator < MAX_DENOMINATOR; denominator++) {
    const numerator = Math.round(framesPerSecond * denominator);
    if (numerator > 0 && Math.abs(numerator / denominator - framesPerSecond) < 1e-6) return { numerator, denominator };
  }
  const numerator = Math.max(1, Math.round(framesPerSecond * MAX_DENOMINATOR));
  return { numerator, denominator: MAX_DENOMINATOR };
}

/**
 * The time base of a format's packets: `sampleDuration` units of 1/`timescale` s per frame. Whole rates are multiplied
 * by 1000 (30 -> 30000/1000), so that a player's rounding to its own clock stays far below a frame; 30000/1001 is kept.
 */
export function timeBase(format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">): {
  timescale: number;
  sampleDuration: number;
} {
  const { rateNumerator, rateDenominator } = format;
  if (rateDenominator === 1001) return { timescale: rateNumerator, sampleDuration: rateDenominator };
  return { timescale: rateNumerator * 1000, sampleDuration: rateDenominator * 1000 };
}

/** Seconds to whole frames, rounded to the nearest. */
export const secondsToFrames = (
  seconds: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => Math.round((seconds * format.rateNumerator) / format.rateDenominator);

/** Seconds to frames, rounded up; an excess of up to a thousandth of a frame is ignored. */
export const secondsToFramesUp = (
  seconds: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => Math.max(0, Math.ceil((seconds * format.rateNumerator) / format.rateDenominator - 1e-3));

/** Duration of a number of frames in seconds. */
export const framesToSeconds = (
  frames: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => (frames * format.rateDenominator) / format.rateNumerator;

/**
 * Start of a frame in audio samples, rounded to the nearest. Always computed from the timeline's start: summing the
 * lengths of clips would drift.
 */
export const framesToSamples = (
  frames: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => Math.round((frames * SAMPLE_RATE * format.rateDenominator) / format.rateNumerator);
