import { CHANNELS, pcmValues } from "./pcm.js";

/** Converts PCM chunks of any length to values of whole samples. */
export class WholeSamples {
  #partial: Buffer = Buffer.alloc(0);
  readonly #sampleBytes: number;

  constructor(channels = CHANNELS) {
    this.#sampleBytes = channels * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Interleaved values of the samples that are complete; may be empty. */
  push(chunk: Buffer): Float32Array {
    const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    const whole = bytes.length - (bytes.length % this.#sampleBytes);
    this.#partial = bytes.subarray(whole);
    return pcmValues(bytes.subarray(0, whole));
  }
}
