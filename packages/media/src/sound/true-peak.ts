import { dbOfAmplitude } from "./loudness.js";
import { CHANNELS } from "./pcm.js";

/** Samples on either side that tell what lies between two. BS.1770's own example has 6. */
const REACH = 8;
/** Sharpness of the window (Kaiser's beta) that ends the sinc after so few samples. */
const KAISER_BETA = 5;
/** Samples that are looked at together. No fewer than a filter reaches, so that it needs the neighbours only. */
const BLOCK = 16;
const PIECE_BLOCKS = 300;
/** A block before the piece and one after it, for the filters to reach into. */
const BLOCKS = PIECE_BLOCKS + 2;

/** What gives the value at one place between samples: weights of the 8 before it and the 8 after it. */
interface Interpolation {
  readonly taps: Float64Array;
  /** Sizes of the weights of the two nearest, and of all others together, for a bound of what can come out. */
  readonly before: number;
  readonly after: number;
  readonly others: number;
}

/** Three places between two samples (ITU-R BS.1770-4, annex 2: four times oversampling). */
const INTERPOLATIONS = [interpolation(0.25), interpolation(0.5), interpolation(0.75)] as const;
const [QUARTER, HALF, THREE_QUARTERS] = INTERPOLATIONS;
const NEAREST = Math.max(...INTERPOLATIONS.map(({ before, after }) => before + after));
const OTHERS = Math.max(...INTERPOLATIONS.map(({ others }) => others));

/**
 * True peak: the highest level the wave reaches, also between samples. Takes in PCM piece by piece.
 *
 * Only places are computed that could be higher than what was found already, told by how large the samples near them are. The
 * result is the same; of speech and music a few places in a hundred are left.
 */
export class TruePeakMeter {
  /** Interleaved: the last block of the piece before, a piece, and the block after it. */
  readonly #wave = new Float32Array(BLOCKS * BLOCK * CHANNELS);
  /** The largest sample of each block, for each channel. */
  readonly #largest = [new Float64Array(BLOCKS), new Float64Array(BLOCKS)] as const;
  #filled = BLOCK * CHANNELS;
  #peak = 0;

  /** Takes in interleaved values of whole samples. */
  push(values: Float32Array): void {
    for (let done = 0; done < values.length; ) {
      const taken = values.subarray(done, done + this.#wave.length - this.#filled);
      this.#wave.set(taken, this.#filled);
      done += taken.length;
      this.#filled += taken.length;
      if (this.#filled === this.#wave.length) this.#look();
    }
  }

  /** The peak in dBTP; -infinity for silence. Ends the measurement. */
  finish(): number {
    this.push(new Float32Array(this.#wave.length - this.#filled)); // silence follows
    this.push(new Float32Array(this.#wave.length - this.#filled));
    return dbOfAmplitude(this.#peak);
  }

  /** Looks at the piece, and makes what came after it the beginning of the next one. */
  #look(): void {
    this.#peak = Math.max(this.#peak, largestOfBlocks(this.#wave, ...this.#largest));
    for (const [channel, largest] of this.#largest.entries()) {
      for (let block = 1; block <= PIECE_BLOCKS; block++) {
        const near = Math.max(largest[block - 1] as number, largest[block] as number, largest[block + 1] as number);
        if (near * (NEAREST + OTHERS) > this.#peak) {
          this.#peak = highestOfBlock(this.#wave, block * BLOCK * CHANNELS + channel, near, this.#peak);
        }
      }
    }
    this.#wave.copyWithin(0, PIECE_BLOCKS * BLOCK * CHANNELS);
    this.#filled = 2 * BLOCK * CHANNELS;
  }
}

/** Finds the largest sample of each block, in both channels at a time, and gives the largest of all. */
function largestOfBlocks(wave: Float32Array, lefts: Float64Array, rights: Float64Array): number {
  let most = 0;
  for (let block = 0, i = 0; block < BLOCKS; block++) {
    let left = 0;
    let right = 0;
    for (const end = i + BLOCK * CHANNELS; i < end; i += CHANNELS) {
      left = Math.max(left, Math.abs(wave[i] as number));
      right = Math.max(right, Math.abs(wave[i + 1] as number));
    }
    lefts[block] = left;
    rights[block] = right;
    most = Math.max(most, left, right);
  }
  return most;
}

/** The highest place after each of a block's samples and before the next one, or `peak` where none is higher. */
function highestOfBlock(wave: Float32Array, from: number, near: number, peak: number): number {
  let highest = peak;
  let left = Math.abs(wave[from] as number);
  for (let i = from; i < from + BLOCK * CHANNELS; i += CHANNELS) {
    const right = Math.abs(wave[i + CHANNELS] as number);
    if (NEAREST * Math.max(left, right) + OTHERS * near > highest) {
      if (bound(QUARTER, left, right, near) > highest) highest = Math.max(highest, valueAt(wave, i, QUARTER.taps));
      if (bound(HALF, left, right, near) > highest) highest = Math.max(highest, valueAt(wave, i, HALF.taps));
      if (bound(THREE_QUARTERS, left, right, near) > highest)
        highest = Math.max(highest, valueAt(wave, i, THREE_QUARTERS.taps));
    }
    left = right;
  }
  return highest;
}

const bound = ({ before, after, others }: Interpolation, left: number, right: number, near: number): number =>
  before * left + after * right + others * near;

/** The size of the wave at a place after sample `i`. */
function valueAt(wave: Float32Array, i: number, taps: Float64Array): number {
  let value = 0;
  for (let tap = 0, at = i - (REACH - 1) * CHANNELS; tap < 2 * REACH; tap++, at += CHANNELS) {
    value += (taps[tap] as number) * (wave[at] as number);
  }
  return Math.abs(value);
}

/** A sinc under a Kaiser window, its weights adding up to 1. */
function interpolation(way: number): Interpolation {
  const distances = Array.from({ length: 2 * REACH }, (_, tap) => tap - REACH + 1 - way);
  const weights = distances.map((distance) => {
    const angle = Math.PI * distance;
    return (Math.sin(angle) / angle) * bessel(KAISER_BETA * Math.sqrt(1 - (distance / REACH) ** 2));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const taps = Float64Array.from(weights, (weight) => weight / sum);
  const sizes = taps.map(Math.abs);
  const [before = 0, after = 0] = sizes.subarray(REACH - 1, REACH + 1);
  return { taps, before, after, others: sizes.reduce((total, size) => total + size, 0) - before - after };
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
