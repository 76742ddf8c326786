import { HOP_SAMPLES, lufsOfPower } from "./loudness.js";
import { CHANNELS } from "./pcm.js";

/** A second-order filter: feed-forward b, feedback a (a0 is 1). */
interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/** K-weighting at 48 kHz, ITU-R BS.1770-4, annex 1, tables 1 and 2: the head's effect, then a high pass. */
const SHELF: Biquad = {
  b0: 1.53512485958697,
  b1: -2.69169618940638,
  b2: 1.19839281085285,
  a1: -1.69065929318241,
  a2: 0.73248077421585,
};
const HIGH_PASS: Biquad = { b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621 };

/** Below this the state of a filter is silence; left alone it would become denormal numbers, which are slow. */
const SILENT_STATE = 1e-20;

/**
 * Loudness over time: takes in PCM piece by piece, gives the loudness of each 100 ms.
 *
 * ffmpeg's ebur128 has the same filters, but tells only windows of 400 ms, none before the first is full: too coarse to
 * foretell a mix whose sounds begin and end anywhere, and nothing at all for a word of 300 ms.
 */
export class LoudnessMeter {
  readonly #hops: number[] = [];
  /** Two numbers of state for each filter of each channel. */
  readonly #states = Array.from({ length: CHANNELS }, () => new Float64Array(4));
  #energy = 0;
  #filled = 0;

  /** Takes in interleaved values of whole samples. */
  push(values: Float32Array): void {
    const samples = values.length / CHANNELS;
    for (let done = 0; done < samples; ) {
      const take = Math.min(samples - done, HOP_SAMPLES - this.#filled);
      for (let channel = 0; channel < CHANNELS; channel++) {
        this.#energy += weightedEnergy(values, done, done + take, channel, this.#states[channel] as Float64Array);
      }
      done += take;
      this.#filled += take;
      if (this.#filled === HOP_SAMPLES) this.#close();
    }
  }

  /** Loudness of each 100 ms in LUFS, the last one filled up with silence. Ends the measurement. */
  finish(): number[] {
    if (this.#filled > 0) this.#close();
    return this.#hops;
  }

  #close(): void {
    this.#hops.push(lufsOfPower(this.#energy / HOP_SAMPLES));
    this.#energy = 0;
    this.#filled = 0;
    for (const state of this.#states) {
      for (let i = 0; i < state.length; i++) if (Math.abs(state[i] as number) < SILENT_STATE) state[i] = 0;
    }
  }
}

/** Sum of squares of one channel's samples after K-weighting (transposed direct form II). */
function weightedEnergy(values: Float32Array, from: number, to: number, channel: number, state: Float64Array): number {
  let [s1, s2, h1, h2] = state as unknown as [number, number, number, number];
  let energy = 0;
  for (let i = from; i < to; i++) {
    const x = values[i * CHANNELS + channel] as number;
    const shelved = SHELF.b0 * x + s1;
    s1 = SHELF.b1 * x - SHELF.a1 * shelved + s2;
    s2 = SHELF.b2 * x - SHELF.a2 * shelved;
    const y = HIGH_PASS.b0 * shelved + h1;
    h1 = HIGH_PASS.b1 * shelved - HIGH_PASS.a1 * y + h2;
    h2 = HIGH_PASS.b2 * shelved - HIGH_PASS.a2 * y;
    energy += y * y;
  }
  state.set([s1, s2, h1, h2]);
  return energy;
}
