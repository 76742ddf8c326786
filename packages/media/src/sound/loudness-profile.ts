import type { PcmIndex } from "@polyreel/contract";
import { HOP_SAMPLES, integratedLoudness, lufsOfPower, powerOfLufs } from "./loudness.js";

/** Assumed position of the energy within its 100 ms, which the profile does not state. */
export type Within = "evenly" | "at-start" | "at-end";

/** Loudness of a sound over time, for queries of any stretch; stores its cumulative energy. */
export class LoudnessProfile {
  readonly samples: number;
  /** Energy (power times samples) before each 100 ms. */
  readonly #before: Float64Array;

  constructor({ samples, loudnessLufs }: Pick<PcmIndex, "samples" | "loudnessLufs">) {
    this.samples = Number(samples);
    this.#before = new Float64Array(loudnessLufs.length + 1);
    loudnessLufs.forEach((lufs, hop) => {
      this.#before[hop + 1] = (this.#before[hop] as number) + powerOfLufs(lufs) * HOP_SAMPLES;
    });
  }

  /** Energy of samples `from` to `to`; zero outside of the sound. */
  energy(from: number, to: number, within: Within = "evenly"): number {
    return this.#energyBefore(to, within) - this.#energyBefore(from, within);
  }

  /** Loudness of the loudest 100 ms from sample `from` to `to`, counted from `from`, in LUFS. */
  loudest(from: number, to: number): number {
    let highest = 0;
    for (let at = from; at < to; at += HOP_SAMPLES) highest = Math.max(highest, this.energy(at, at + HOP_SAMPLES));
    return lufsOfPower(highest / HOP_SAMPLES);
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

  #energyBefore(sample: number, within: Within): number {
    const clamped = Math.max(0, Math.min(sample, this.samples));
    const hop = Math.floor(clamped / HOP_SAMPLES);
    const before = this.#before[hop] ?? (this.#before.at(-1) as number);
    const after = this.#before[hop + 1] ?? before;
    // The last 100 ms may be shorter: its energy belongs to the existing samples.
    const length = Math.min(HOP_SAMPLES, this.samples - hop * HOP_SAMPLES);
    const part = length > 0 ? (clamped - hop * HOP_SAMPLES) / length : 0;
    if (part === 0) return before;
    if (part === 1) return after;
    if (within === "at-end") return before;
    return within === "at-start" ? after : before + (after - before) * part;
  }
}
