import { CHANNELS } from "../../sound/pcm.js";

/** The peaks of a sound: each pixel has a minimum and a maximum of each channel. */
export interface Peaks {
  readonly channels: number;
  /** Number of samples that were measured. */
  readonly samples: number;
  /** That a pixel stands for; the last one may have fewer. */
  readonly samplesPerPixel: number;
  /** Number of pixels. */
  readonly length: number;
  /** Pixel by pixel, channel by channel: minimum, maximum. 1 is full scale. */
  readonly values: Float32Array;
}

export interface PeakSettings {
  /** 1: the mean of both. */
  readonly channels: 1 | 2;
  readonly samplesPerPixel: number;
  /** At least 2. */
  readonly maxPixels: number;
  /** Applied to all samples. */
  readonly gain: number;
}

const FIRST_PIXELS = 1024;

/**
 * Measures the peaks of interleaved stereo of any length in bounded memory: when there are `maxPixels`, each two become
 * one, and a pixel stands for twice as many samples from then on. Pure.
 */
export class PeakMeter {
  readonly #channels: 1 | 2;
  readonly #gain: number;
  readonly #maxPixels: number;
  /** Number of values of a pixel. */
  readonly #stride: number;
  #samplesPerPixel: number;
  #values: Float32Array;
  #samples = 0;
  #pixels = 0;
  /** Of the samples that the current pixel has. */
  #filled = 0;

  constructor({ channels, samplesPerPixel, maxPixels, gain }: PeakSettings) {
    this.#channels = channels;
    this.#gain = gain;
    this.#maxPixels = maxPixels;
    this.#stride = channels * 2;
    this.#samplesPerPixel = samplesPerPixel;
    this.#values = new Float32Array(Math.min(FIRST_PIXELS, maxPixels) * this.#stride);
  }

  /** Pixels so far, with the current one. */
  get length(): number {
    return this.#pixels + (this.#filled > 0 ? 1 : 0);
  }

  get samplesPerPixel(): number {
    return this.#samplesPerPixel;
  }

  get samples(): number {
    return this.#samples;
  }

  push(stereo: Float32Array): void {
    for (let at = 0; at < stereo.length; ) {
      if (this.#filled === 0) this.#begin();
      const end = Math.min(stereo.length, at + (this.#samplesPerPixel - this.#filled) * CHANNELS);
      this.#widen(stereo, at, end);
      const taken = (end - at) / CHANNELS;
      at = end;
      this.#samples += taken;
      this.#filled += taken;
      if (this.#filled < this.#samplesPerPixel) continue;
      this.#filled = 0;
      this.#pixels++;
    }
  }

  finish(): Peaks {
    const length = this.length;
    return {
      ...{ channels: this.#channels, samples: this.#samples, samplesPerPixel: this.#samplesPerPixel, length },
      values: this.#values.subarray(0, length * this.#stride),
    };
  }

  /** Widens the current pixel by samples. */
  #widen(stereo: Float32Array, from: number, to: number): void {
    // Left and right, or twice their mean. Of each sample of hours of sound.
    const isSplit = this.#channels === 2;
    const gain = this.#gain / (isSplit ? 1 : 2);
    const values = this.#values;
    for (let channel = 0; channel < this.#channels; channel++) {
      const at = this.#pixels * this.#stride + channel * 2;
      let minimum = values[at] ?? 0;
      let maximum = values[at + 1] ?? 0;
      for (let i = from + channel; i < to; i += CHANNELS) {
        const value = (isSplit ? (stereo[i] ?? 0) : (stereo[i] ?? 0) + (stereo[i + 1] ?? 0)) * gain;
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
      values[at] = minimum;
      values[at + 1] = maximum;
    }
  }

  /** Begins a pixel, so that any value is its minimum and its maximum. */
  #begin(): void {
    if (this.#pixels === this.#maxPixels) this.#halve();
    if (this.#filled > 0) return;
    const at = this.#pixels * this.#stride;
    if (at === this.#values.length) this.#grow();
    for (let i = at; i < at + this.#stride; i += 2) {
      this.#values[i] = Number.POSITIVE_INFINITY;
      this.#values[i + 1] = Number.NEGATIVE_INFINITY;
    }
  }

  #grow(): void {
    const grown = new Float32Array(Math.min(this.#values.length * 2, this.#maxPixels * this.#stride));
    grown.set(this.#values);
    this.#values = grown;
  }

  /** Of an odd number the last pixel becomes the current one, which is half full. */
  #halve(): void {
    const stride = this.#stride;
    const whole = Math.floor(this.#pixels / 2);
    for (let pixel = 0; pixel < Math.ceil(this.#pixels / 2); pixel++) {
      for (let i = 0; i < stride; i += 2) {
        const first = pixel * 2 * stride + i;
        const second = pixel * 2 + 1 < this.#pixels ? first + stride : first;
        const to = pixel * stride + i;
        const minimum = Math.min(this.#values[first] ?? 0, this.#values[second] ?? 0);
        const maximum = Math.max(this.#values[first + 1] ?? 0, this.#values[second + 1] ?? 0);
        this.#values[to] = minimum;
        this.#values[to + 1] = maximum;
      }
    }
    this.#filled = this.#pixels % 2 === 1 ? this.#samplesPerPixel : 0;
    this.#pixels = whole;
    this.#samplesPerPixel *= 2;
  }
}
