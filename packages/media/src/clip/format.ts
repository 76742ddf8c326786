import { PolyreelError } from "@polyreel/platform";
import { SAMPLE_RATE } from "../sound/pcm.js";

/** Frames a second as a fraction in lowest terms. */
export interface FrameRate {
  numerator: number;
  denominator: number;
}

/** What all clips of a batch are normalised to; the contract's Format has this shape. */
export interface ClipFormat {
  width: number;
  height: number;
  rateNumerator: number;
  rateDenominator: number;
}

/** A canvas (pixels, frames a second) as a format. */
export function formatOf(canvas: { width: number; height: number; frameRate: number }): ClipFormat {
  const { numerator, denominator } = frameRateFraction(canvas.frameRate);
  return { width: canvas.width, height: canvas.height, rateNumerator: numerator, rateDenominator: denominator };
}

/** How far from NTSC's x/1001 a decimal may be: 23.98, 23.976 and 23.976024 all mean 24000/1001. */
const NTSC_TOLERANCE = 0.005;
/** The largest denominator tried: three decimals are exact, and a third or a seventh comes out as such. */
const MAX_DENOMINATOR = 1000;

/**
 * The fraction that a number of frames a second means: 23.976, 29.97, 59.94 and 119.88 are 24000/1001 and so on, as
 * broadcasting has them; anything else is the fraction with the smallest denominator that the number is close to (1e-6).
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
 * The time base of a format's packets: `sampleDuration` units of 1/`timescale` s each frame. Whole rates are multiplied by
 * 1000 (30 -> 30000/1000), so that a player's rounding to its own clock stays far below a frame; 30000/1001 is as it is.
 */
export function timeBase(format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">): {
  timescale: number;
  sampleDuration: number;
} {
  const { rateNumerator, rateDenominator } = format;
  if (rateDenominator === 1001) return { timescale: rateNumerator, sampleDuration: rateDenominator };
  return { timescale: rateNumerator * 1000, sampleDuration: rateDenominator * 1000 };
}

/** Seconds to whole frames, to the nearest. */
export const secondsToFrames = (
  seconds: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => Math.round((seconds * format.rateNumerator) / format.rateDenominator);

/** Seconds to frames that last at least as long; a thousandth of a frame more than a whole number is that number. */
export const secondsToFramesUp = (
  seconds: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => Math.max(0, Math.ceil((seconds * format.rateNumerator) / format.rateDenominator - 1e-3));

/** How long so many frames last. */
export const framesToSeconds = (
  frames: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => (frames * format.rateDenominator) / format.rateNumerator;

/**
 * Where a frame begins in sound, in samples, to the nearest. Taken from the timeline's start each time: lengths of clips summed
 * up would drift.
 */
export const framesToSamples = (
  frames: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number => Math.round((frames * SAMPLE_RATE * format.rateDenominator) / format.rateNumerator);
