import { BLOCK_HOPS, HOP_SAMPLES, integratedLoudness, powerOfLufs } from "./loudness.js";
import { LoudnessMeter } from "./loudness-meter.js";
import { CHANNELS } from "./pcm.js";
import { TruePeakMeter } from "./true-peak.js";

/** Measurement of the audible sound. -infinity: silence. */
export interface Measured {
  readonly loudnessLufs: number;
  readonly truePeakDbtp: number;
}

/** Measures the audible part of a decoded soundtrack, piece by piece. */
export class SoundtrackMeter {
  readonly #loudness = new LoudnessMeter();
  readonly #peak = new TruePeakMeter();
  #samples = 0;

  push(values: Float32Array): void {
    this.#loudness.push(values);
    this.#peak.push(values);
    this.#samples += values.length / CHANNELS;
  }

  finish(): Measured {
    // Measurement needs a full block, so shorter sound is padded with silence.
    const shortest = BLOCK_HOPS * HOP_SAMPLES;
    const samples = Math.max(this.#samples, shortest);
    this.#loudness.push(new Float32Array((samples - this.#samples) * CHANNELS));
    // A final incomplete hop is not measured.
    const hops = this.#loudness.finish().slice(0, Math.floor(samples / HOP_SAMPLES));
    return { loudnessLufs: integratedLoudness(hops.map(powerOfLufs)), truePeakDbtp: this.#peak.finish() };
  }
}
