import type { PcmIndex } from "@polyreel/contract";
import { HOP_SAMPLES, integratedLoudness, powerOfLufs } from "./loudness.js";

/** Loudness of a sound over time, asked for any stretch of it: its energy up to each sample, linear within 100 ms. */
export class LoudnessProfile {
  readonly samples: number;
  /** Energy (power times samples) before each 100 ms. */
  readonly #before: Float64Array;

  constructor({ samples, momentaryLufs }: Pick<PcmIndex, "samples" | "momentaryLufs">) {
    this.samples = Number(samples);
    this.#before = new Float64Array(momentaryLufs.length + 1);
    momentaryLufs.forEach((lufs, hop) => {
      this.#before[hop + 1] = (this.#before[hop] as number) + powerOfLufs(lufs) * HOP_SAMPLES;
    });
  }

  /** Energy of samples `from` to `to`; there is none before the first sample nor after the last. */
  energy(from: number, to: number): number {
    return this.#energyBefore(to) - this.#energyBefore(from);
  }

  /** Integrated loudness of samples `from` to `to`, in LUFS. */
  integrated(from: number, to: number): number {
    const hops = Math.floor((to - from) / HOP_SAMPLES);
    if (hops === 0) return integratedLoudness([this.energy(from, to) / Math.max(1, to - from)]);
    const powers = Array.from({ length: hops }, (_, hop) => {
      const start = from + hop * HOP_SAMPLES;
      return this.energy(start, start + HOP_SAMPLES) / HOP_SAMPLES;
    });
    return integratedLoudness(powers);
  }

  #energyBefore(sample: number): number {
    const clamped = Math.max(0, Math.min(sample, this.samples));
    const hop = Math.floor(clamped / HOP_SAMPLES);
    const before = this.#before[hop] ?? (this.#before.at(-1) as number);
    const after = this.#before[hop + 1] ?? before;
    // The last 100 ms may be shorter: all its energy lies in the samples there are.
    const length = Math.min(HOP_SAMPLES, this.samples - hop * HOP_SAMPLES);
    return length > 0 ? before + ((after - before) * (clamped - hop * HOP_SAMPLES)) / length : before;
  }
}
