import { type FileHandle, open } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";

/** Of all sound inside Polyreel: 48 kHz, stereo, 32-bit float little endian, interleaved. A sample is one of each channel. */
export const SAMPLE_RATE = 48_000;
export const CHANNELS = 2;
export const BYTES_PER_SAMPLE = CHANNELS * Float32Array.BYTES_PER_ELEMENT;

/** Options of ffmpeg for this format, on either side. */
export const PCM_FORMAT: readonly string[] = ["-f", "f32le", "-ar", String(SAMPLE_RATE), "-ac", String(CHANNELS)];

/** Read at once: most reading goes on where it stopped, and many small reads cost more than mixing what they give. */
const READ_AHEAD = SAMPLE_RATE;

/** A file of PCM, read by stretches. */
export class PcmFile implements AsyncDisposable {
  #ahead: { readonly start: number; readonly values: Float32Array };

  private constructor(
    readonly samples: number,
    private readonly file: FileHandle | undefined,
    values: Float32Array,
  ) {
    this.#ahead = { start: 0, values };
  }

  /**
   * Throws PolyreelError `internal` where the file does not hold exactly `samples`, `unavailable` where it is gone. One that
   * is open is read to its end, also when it is removed meanwhile.
   *
   * @param bytes what is in the file, where it is in memory already: then the file is not opened
   */
  static async open(path: string, samples: number, bytes?: Uint8Array): Promise<PcmFile> {
    if (bytes) {
      checkSize(bytes.length, samples);
      return new PcmFile(samples, undefined, valuesIn(bytes));
    }
    const file = await open(path, "r").catch(removedMeanwhile);
    try {
      checkSize((await file.stat()).size, samples);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new PcmFile(samples, file, new Float32Array(0));
  }

  /**
   * Interleaved values of `count` samples from sample `start`; less where the file ends. What is no number is silence. They
   * are shared: not to be changed.
   */
  async read(start: number, count: number): Promise<Float32Array> {
    const samples = Math.max(0, Math.min(count, this.samples - start));
    const from = (start - this.#ahead.start) * CHANNELS;
    const to = from + samples * CHANNELS;
    if (from >= 0 && to <= this.#ahead.values.length) return this.#ahead.values.subarray(from, to);
    this.#ahead = { start, values: await this.#readFile(start, Math.max(samples, READ_AHEAD)) };
    return this.#ahead.values.subarray(0, samples * CHANNELS);
  }

  async #readFile(start: number, count: number): Promise<Float32Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(count, this.samples - start)) * BYTES_PER_SAMPLE);
    let filled = 0;
    while (this.file && filled < bytes.length) {
      const position = start * BYTES_PER_SAMPLE + filled;
      const { bytesRead } = await this.file.read(bytes, filled, bytes.length - filled, position);
      if (bytesRead === 0) throw new PolyreelError("internal", "A decoded sound became shorter while it was read.");
      filled += bytesRead;
    }
    return pcmValues(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file?.close();
  }
}

/** Decoded sound that was long not used may be removed at any time: it is decoded again. */
function removedMeanwhile(error: unknown): never {
  if (systemCode(error) !== "ENOENT") throw error;
  const reason = "A decoded sound was removed before it was read.";
  throw new PolyreelError("unavailable", { reason, remedy: "It is decoded again." }, { cause: error, outage: false });
}

function checkSize(size: number, samples: number): void {
  if (size === samples * BYTES_PER_SAMPLE) return;
  throw new PolyreelError("internal", {
    reason: `A decoded sound of ${samples} samples has ${size} bytes instead of ${samples * BYTES_PER_SAMPLE}.`,
  });
}

/** Bytes of whole samples as values, in place where memory allows. */
export function valuesIn(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / Float32Array.BYTES_PER_ELEMENT);
}

/** The same, NaN and infinities (damaged float files) made 0. */
export function pcmValues(bytes: Uint8Array): Float32Array {
  const values = valuesIn(bytes);
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) values[i] = 0;
  return values;
}

/** The bytes of values, without a copy. */
export const pcmBytes = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
