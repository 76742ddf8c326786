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

/** K-weighting at 48 kHz, ITU-R BS.1770-4, annex 1, tables 1 and 2: a shelf for the head's effect, then a high pass. */
const SHELF: Biquad = {
  b0: 1.53512485958697,
  b1: -2.69169618940638,
  b2: 1.19839281085285,
  a1: -1.69065929318241,
  a2: 0.73248077421585,
};
const HIGH_PASS: Biquad = { b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621 };

/** Smaller filter states are set to 0, to avoid slow denormal numbers. */
const SILENT_STATE = 1e-20;

/**
 * Loudness over time: accepts PCM piece by piece, and returns the loudness of each 100 ms.
 *
 * ffmpeg's ebur128 has the same filters, but reports only windows of 400 ms, none before the first is full: too coarse
 * to predict a mix whose sounds begin and end anywhere, and nothing at all for a word of 300 ms.
 */
export class LoudnessMeter {
  readonly #hops: number[] = [];
  /** Two numbers per filter, left channel before right, and the energy of each channel so far. */
  readonly #state = new Float64Array(10);
  #filled = 0;

  /** Accepts interleaved values of whole samples. */
  push(values: Float32Array): void {
    const samples = values.length / CHANNELS;
    for (let done = 0; done < samples; ) {
      const take = Math.min(samples - done, HOP_SAMPLES - this.#filled);
      weigh(values, done, done + take, this.#state);
      done += take;
      this.#filled += take;
      if (this.#filled === HOP_SAMPLES) this.#close();
    }
  }

  /** Loudness of each 100 ms in LUFS, the last one padded with silence. Ends the measurement. */
  finish(): number[] {
    if (this.#filled > 0) this.#close();
    return this.#hops;
  }

  #close(): void {
    const [left = 0, right = 0] = this.#state.subarray(8);
    this.#hops.push(lufsOfPower((left + right) / HOP_SAMPLES));
    this.#filled = 0;
    this.#state.fill(0, 8);
    for (const [i, value] of this.#state.entries()) if (Math.abs(value) < SILENT_STATE) this.#state[i] = 0;
  }
}

/**
 * Accumulates the squares of both channels' samples after K-weighting (transposed direct form II). Both in one loop:
 * each filter depends on its previous output, and the CPU computes the other channel meanwhile.
 */
function weigh(values: Float32Array, from: number, to: number, state: Float64Array): void {
  let [s1 = 0, s2 = 0, h1 = 0, h2 = 0, t1 = 0, t2 = 0, g1 = 0, g2 = 0, left = 0, right = 0] = state;
  for (let i = from * CHANNELS; i < to * CHANNELS; i += CHANNELS) {
    const x = values[i] as number;
    const z = values[i + 1] as number;
    const shelvedX = SHELF.b0 * x + s1;
    const shelvedZ = SHELF.b0 * z + t1;
    s1 = SHELF.b1 * x - SHELF.a1 * shelvedX + s2;
    t1 = SHELF.b1 * z - SHELF.a1 * shelvedZ + t2;
    s2 = SHELF.b2 * x - SHELF.a2 * shelvedX;
    t2 = SHELF.b2 * z - SHELF.a2 * shelvedZ;
    const passedX = HIGH_PASS.b0 * shelvedX + h1;
    const passedZ = HIGH_PASS.b0 * shelvedZ + g1;
    h1 = HIGH_PASS.b1 * shelvedX - HIGH_PASS.a1 * passedX + h2;
    g1 = HIGH_PASS.b1 * shelvedZ - HIGH_PASS.a1 * passedZ + g2;
    h2 = HIGH_PASS.b2 * shelvedX - HIGH_PASS.a2 * passedX;
    g2 = HIGH_PASS.b2 * shelvedZ - HIGH_PASS.a2 * passedZ;
    left += passedX * passedX;
    right += passedZ * passedZ;
  }
  state.set([s1, s2, h1, h2, t1, t2, g1, g2, left, right]);
}
