import { type FileHandle, open } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";

/**
 * Format of all sound inside Polyreel: 48 kHz, stereo, 32-bit float little endian, interleaved. A sample is one value
 * per channel.
 */
export const SAMPLE_RATE = 48_000;
export const CHANNELS = 2;
export const BYTES_PER_SAMPLE = CHANNELS * Float32Array.BYTES_PER_ELEMENT;

/** ffmpeg options of this format, for inputs and outputs. */
export const PCM_FORMAT: readonly string[] = ["-f", "f32le", "-ar", String(SAMPLE_RATE), "-ac", String(CHANNELS)];

/** Read-ahead in samples: reads are mostly sequential, and many small ones would cost more than mixing. */
const READ_AHEAD = SAMPLE_RATE;

/** A PCM file, read in stretches. */
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
   * Throws PolyreelError `internal` if the file does not have exactly `samples`, `unavailable` if it is gone. An open
   * file is read to its end even if it is removed meanwhile.
   *
   * @param bytes the file's content, if it is in memory already: then the file is not opened
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
   * Interleaved values of `count` samples from sample `start`; fewer at the end of the file. NaN becomes silence. The
   * values are shared and must not be modified.
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

/** Decoded sound that was not used for a while may be removed at any time: it is decoded again. */
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

/** Bytes of whole samples as values, without a copy if alignment allows. */
export function valuesIn(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / Float32Array.BYTES_PER_ELEMENT);
}

/** The same, with NaN and infinities (damaged float files) replaced by 0. */
export function pcmValues(bytes: Uint8Array): Float32Array {
  const values = valuesIn(bytes);
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) values[i] = 0;
  return values;
}

/** The bytes of values, without a copy. */
export const pcmBytes = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
