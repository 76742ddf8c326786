import { HOP_SAMPLES } from "./loudness.js";
import { CHANNELS, SAMPLE_RATE } from "./pcm.js";

/** Look-ahead, so that the gain is reduced smoothly before a peak. */
const LOOKAHEAD = 0.005 * SAMPLE_RATE;
/** Time constant of the gain's recovery. */
const RELEASE = 1 - Math.exp(-1 / (0.08 * SAMPLE_RATE));
/** Beyond this, the gain counts as 1, and sound passes unchanged again. */
const SETTLED = 0.9999;

/**
 * Keeps every sample at or below a limit: the gain that each peak needs, held over the look-ahead (so it is reached in
 * time), released slowly, and averaged over the look-ahead (so it never jumps). Both channels share it. Sound below the
 * limit passes bit-exactly. Output is late but not shifted: its first sample is the first of the input.
 */
export class Limiter {
  /** Pending input, at the beginning: the last LOOKAHEAD samples, with capacity for the next push. */
  #waiting = new Float32Array(0);
  #waitingValues = 0;
  /** Size of the last push's output, at the beginning of `waiting`. */
  #readyValues = 0;
  #limited = new Float32Array(0);
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

  /** Accepts interleaved values; returns those that are ready, in memory that the next push overwrites. */
  push(values: Float32Array): Float32Array {
    const all = this.#after(values);
    const ready = Math.max(0, all.length - LOOKAHEAD * CHANNELS);
    const unchanged = this.#idle() && peakOf(values) <= this.limit;
    const limited = unchanged ? all.subarray(0, ready) : this.#limit(all, ready);
    this.#account(all, limited);
    this.#in += values.length / CHANNELS;
    this.#out += ready / CHANNELS;
    this.#readyValues = ready;
    return limited;
  }

  /** Returns the remaining samples. */
  finish(): Float32Array {
    const rest = this.#waitingValues - this.#readyValues;
    return this.push(new Float32Array(LOOKAHEAD * CHANNELS)).slice(0, rest);
  }

  /** Pending samples followed by these values. */
  #after(values: Float32Array): Float32Array {
    const left = this.#waitingValues - this.#readyValues;
    this.#waiting.copyWithin(0, this.#readyValues, this.#waitingValues);
    this.#waitingValues = left + values.length;
    if (this.#waiting.length < this.#waitingValues) {
      const larger = new Float32Array(this.#waitingValues);
      larger.set(this.#waiting.subarray(0, left));
      this.#waiting = larger;
    }
    this.#waiting.set(values, left);
    return this.#waiting.subarray(0, this.#waitingValues);
  }

  /** Factor by which the power of each 100 ms changed: 1 if nothing was limited. */
  powerFactors(): number[] {
    return this.#energyIn.map((energy, hop) => (energy > 0 ? (this.#energyOut[hop] as number) / energy : 1));
  }

  /** Whether nothing is or will be limited by pending samples, which is most of the time. */
  #idle(): boolean {
    return this.#needs.length === 0 && this.#settledFor >= this.#ring.length;
  }

  /** Limits the first `ready` of all values; the others are only analysed. */
  #limit(all: Float32Array, ready: number): Float32Array {
    if (this.#limited.length < ready) this.#limited = new Float32Array(ready);
    const limited = this.#limited.subarray(0, ready);
    const known = this.#in - this.#out;
    for (let ahead = 0, value = 0; value < all.length; ahead++, value += CHANNELS) {
      if (ahead >= known) this.#need(this.#out + ahead, all[value] as number, all[value + 1] as number);
      const now = value - LOOKAHEAD * CHANNELS;
      if (now < 0) continue;
      const gain = this.#nextGain(this.#out + ahead - LOOKAHEAD);
      limited[now] = (all[now] as number) * gain;
      limited[now + 1] = (all[now + 1] as number) * gain;
    }
    return limited;
  }

  /** Records the gain that a sample needs, which replaces earlier, weaker requirements. */
  #need(at: number, left: number, right: number): void {
    const peak = Math.max(Math.abs(left), Math.abs(right));
    if (peak <= this.limit) return;
    const gain = this.limit / peak;
    while ((this.#needs.at(-1)?.gain ?? 0) >= gain) this.#needs.pop();
    this.#needs.push({ at, gain });
  }

  /** The gain of the next sample, at `at`. */
  #nextGain(at: number): number {
    while (this.#needs[0] && this.#needs[0].at < at) this.#needs.shift();
    const held = this.#needs[0]?.gain ?? 1;
    // Before the first sample the gain may start at any value.
    if (at === 0) this.#begin(held);
    const released = this.#gain + (1 - this.#gain) * RELEASE;
    this.#gain = Math.min(held, released > SETTLED ? 1 : released);
    this.#settledFor = this.#gain === 1 ? this.#settledFor + 1 : 0;
    const slot = at % this.#ring.length;
    this.#sum += this.#gain - (this.#ring[slot] as number);
    this.#ring[slot] = this.#gain;
    // The sum of a ring of ones is reset to exactly that, which stops rounding errors from accumulating.
    if (this.#settledFor >= this.#ring.length) this.#sum = this.#ring.length;
    return this.#sum / this.#ring.length;
  }

  #begin(gain: number): void {
    this.#gain = gain;
    this.#ring.fill(gain);
    this.#sum = gain * this.#ring.length;
  }

  #account(before: Float32Array, after: Float32Array): void {
    for (let value = 0; value < after.length; ) {
      const sample = this.#out + value / CHANNELS;
      const hop = Math.floor(sample / HOP_SAMPLES);
      const end = Math.min(after.length, value + ((hop + 1) * HOP_SAMPLES - sample) * CHANNELS);
      const energy = energyOf(before, value, end);
      const unchanged = before.buffer === after.buffer;
      this.#energyIn[hop] = (this.#energyIn[hop] ?? 0) + energy;
      this.#energyOut[hop] = (this.#energyOut[hop] ?? 0) + (unchanged ? energy : energyOf(after, value, end));
      value = end;
    }
  }
}

function energyOf(values: Float32Array, from: number, to: number): number {
  let left = 0;
  let right = 0;
  for (let i = from; i < to; i += CHANNELS) {
    left += (values[i] as number) ** 2;
    right += (values[i + 1] as number) ** 2;
  }
  return left + right;
}

function peakOf(values: Float32Array): number {
  let peak = 0;
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, Math.abs(values[i] as number));
  return peak;
}
