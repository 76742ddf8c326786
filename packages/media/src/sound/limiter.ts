import { HOP_SAMPLES } from "./loudness.js";
import { CHANNELS, SAMPLE_RATE } from "./pcm.js";

/** It looks this far ahead, so that the gain is down, without a click, when the peak comes. */
const LOOKAHEAD = 0.005 * SAMPLE_RATE;
/** Afterwards the gain comes back with this time constant. */
const RELEASE = 1 - Math.exp(-1 / (0.08 * SAMPLE_RATE));
/** So close to 1 the gain counts as 1, and sound passes unchanged again. */
const SETTLED = 0.9999;

/**
 * Keeps every sample at or below a limit: the gain that each peak needs, held over the look-ahead (so it is reached in
 * time), released slowly, and averaged over the look-ahead (so it never jumps). Both channels share it. Sound that stays
 * below the limit passes bit by bit. What goes in comes out, later but without a delay: the first sample out is the first
 * that went in.
 */
export class Limiter {
  /** What went in and is not out yet: the last LOOKAHEAD samples and their needed gains. */
  #waiting = new Float32Array(0);
  readonly #needs: { at: number; gain: number }[] = [];
  /** The last LOOKAHEAD + 1 released gains, as a ring, and their sum. */
  readonly #ring = new Float64Array(LOOKAHEAD + 1).fill(1);
  #sum = LOOKAHEAD + 1;
  #settledFor = LOOKAHEAD + 1;
  #gain = 1;
  #in = 0;
  #out = 0;
  readonly #energyIn: number[] = [];
  readonly #energyOut: number[] = [];

  /** @param limit highest amplitude, 0 to 1. */
  constructor(readonly limit: number) {}

  /** Takes in interleaved values; gives those that are ready. */
  push(values: Float32Array): Float32Array {
    const all = new Float32Array(this.#waiting.length + values.length);
    all.set(this.#waiting);
    all.set(values, this.#waiting.length);
    const ready = Math.max(0, all.length / CHANNELS - LOOKAHEAD);
    const before = this.#waiting.length / CHANNELS;
    const limited = new Float32Array(ready * CHANNELS);
    for (let sample = before; sample < all.length / CHANNELS; sample++) {
      this.#need(all[sample * CHANNELS] as number, all[sample * CHANNELS + 1] as number);
      const next = sample - LOOKAHEAD;
      if (next >= 0) this.#limit(all, limited, next);
    }
    this.#waiting = all.slice(ready * CHANNELS);
    return limited;
  }

  /** The rest of what went in. */
  finish(): Float32Array {
    const rest = this.#waiting.length;
    return this.push(new Float32Array(LOOKAHEAD * CHANNELS)).slice(0, rest);
  }

  /** By which factor the power of each 100 ms changed: 1 where nothing was limited. */
  powerFactors(): number[] {
    return this.#energyIn.map((energy, hop) => (energy > 0 ? (this.#energyOut[hop] as number) / energy : 1));
  }

  /** Remembers the gain that a sample needs. Gains ahead that need more make those before them void. */
  #need(left: number, right: number): void {
    const peak = Math.max(Math.abs(left), Math.abs(right));
    if (peak > this.limit) {
      const gain = this.limit / peak;
      while ((this.#needs.at(-1)?.gain ?? 0) >= gain) this.#needs.pop();
      this.#needs.push({ at: this.#in, gain });
    }
    this.#in++;
  }

  #limit(from: Float32Array, to: Float32Array, sample: number): void {
    const gain = this.#nextGain();
    const hop = Math.floor(this.#out / HOP_SAMPLES);
    this.#energyIn[hop] ??= 0;
    this.#energyOut[hop] ??= 0;
    for (let value = sample * CHANNELS; value < (sample + 1) * CHANNELS; value++) {
      const x = from[value] as number;
      to[value] = gain === 1 ? x : x * gain;
      this.#energyIn[hop] += x * x;
      this.#energyOut[hop] += x * x * gain * gain;
    }
    this.#out++;
  }

  #nextGain(): number {
    while (this.#needs[0] && this.#needs[0].at < this.#out) this.#needs.shift();
    const held = this.#needs[0]?.gain ?? 1;
    const released = this.#gain + (1 - this.#gain) * RELEASE;
    this.#gain = Math.min(held, released > SETTLED ? 1 : released);
    this.#settledFor = this.#gain === 1 ? this.#settledFor + 1 : 0;
    const slot = this.#out % this.#ring.length;
    this.#sum += this.#gain - (this.#ring[slot] as number);
    this.#ring[slot] = this.#gain;
    // A ring full of ones is exactly one: no rounding is carried on.
    if (this.#settledFor >= this.#ring.length) this.#sum = this.#ring.length;
    return this.#sum / this.#ring.length;
  }
}
