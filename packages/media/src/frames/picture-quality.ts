import { BYTES_PER_PIXEL, type Picture } from "./picture.js";

/** A small picture, and the one shortly after it in the video, of the same size. */
export interface Candidate {
  readonly picture: Picture;
  readonly next: Picture;
}

/** Index of the best candidate, the first one among equals; -1 if there are none. Pure. */
export function bestOf(candidates: readonly Candidate[]): number {
  const qualities = candidates.map(pictureQuality);
  return qualities.indexOf(Math.max(...qualities));
}

/** Luma from black to white is 0 to 255. Below and above these means pictures count as dark and pale. */
const DARK = 40;
const PALE = 215;
/** Means at which nothing is left of the quality. */
const BLACK = 8;
const WHITE = 247;
/** Distance between the darkest and the lightest twentieth of the pixels, from which on contrast is full. */
const FULL_CONTRAST = 150;
/** Variance of the Laplacian at which sharpness is half. Pictures of 256 pixels in width of real videos have 50 to 3,000. */
const HALF_SHARPNESS = 300;
/** Change of the mean from picture to picture that is a fade. */
const FADE = 6;
/** Mean change of pixels that is a cut or fast motion. */
const MOTION = 40;

/**
 * How good a picture stands for its video, from 0 (black, white or of one colour) to 1: by exposure, contrast, sharpness
 * (variance of the Laplacian), and difference from the next picture, which is great in fades, at cuts and in fast
 * motion. Pure.
 */
export function pictureQuality({ picture, next }: Candidate): number {
  const luma = lumaOf(picture);
  const later = lumaOf(next);
  const mean = meanOf(luma);
  const exposure = Math.min(ramp(mean, BLACK, DARK), ramp(mean, WHITE, PALE));
  const contrast = Math.min(1, spreadOf(luma) / FULL_CONTRAST);
  const variance = laplacianVariance(luma, picture);
  const sharpness = variance / (variance + HALF_SHARPNESS);
  const fade = Math.min(1, Math.abs(meanOf(later) - mean) / FADE);
  const motion = Math.min(1, meanDifference(luma, later) / MOTION);
  return exposure * contrast * (0.1 + 0.9 * sharpness) * (1 - 0.8 * fade) * (1 - 0.5 * motion);
}

/** 0 at `from` and beyond, 1 from `to` on. */
const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

/** Of BT.709, transparent parts as black. */
function lumaOf({ data, width, height }: Picture): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0, at = 0; i < luma.length; i++, at += BYTES_PER_PIXEL) {
    const opacity = (data[at + 3] ?? 0) / 255;
    luma[i] = opacity * (0.2126 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.0722 * (data[at + 2] ?? 0));
  }
  return luma;
}

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function meanDifference(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += Math.abs((one[i] ?? 0) - (other[i] ?? 0));
  return sum / one.length;
}

/** Distance between the darkest and the lightest twentieth. */
function spreadOf(luma: Float32Array): number {
  const ordered = luma.toSorted();
  const at = (share: number) => ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))] ?? 0;
  return at(0.95) - at(0.05);
}

/** Of the pixels that have four neighbours; 0 if there are none. */
function laplacianVariance(luma: Float32Array, { width, height }: Picture): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const around = (luma[i - 1] ?? 0) + (luma[i + 1] ?? 0) + (luma[i - width] ?? 0) + (luma[i + width] ?? 0);
      const value = around - 4 * (luma[i] ?? 0);
      sum += value;
      squares += value * value;
      count++;
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}
