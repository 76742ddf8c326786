import { runFfmpeg } from "../ffmpeg/run.js";
import { FORMAT_LINE, PRINT_FIRST_FRAMES } from "../sound/decode-sound.js";

const DEADLINE_SECONDS = 3600;
/** A day of audio at 96 kHz, a byte per sample. */
const MAX_BYTES = 24 * 3600 * 96_000;
/** Number of compared samples: some seconds. */
const BEGINNING_SAMPLES = 1 << 18;

/** Result of decoding a track. */
export interface DecodedSound {
  readonly samples: number;
  /** More than one if the rate or the channels change midway. */
  readonly formats: number;
  /** Number of silent samples at the beginning. */
  readonly silent: number;
  /** The samples after the silence, mono, a byte each. */
  readonly beginning: Buffer;
}

/** The value of silence in unsigned 8 bits. */
const SILENCE = 128;

/** Decodes an audio track without writing it anywhere. Throws like `runFfmpeg`. */
export async function decodedSound(path: string, track: number, signal: AbortSignal): Promise<DecodedSound> {
  let [samples, silent, formats] = [0, 0, 0];
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ media: path, options: ["-copyts", "-vn", "-sn", "-dn"] }],
    filterComplex: `[0:a:${track}]${PRINT_FIRST_FRAMES},aformat=sample_fmts=u8:channel_layouts=mono[out]`,
    outputs: [{ stdout: true, options: ["-map", "[out]", "-f", "u8"] }],
    onStdout: (chunk) => {
      const first = chunk.findIndex((value) => value !== SILENCE);
      if (samples === silent) silent += first < 0 ? chunk.length : first;
      const before = Math.max(0, silent - samples);
      if (samples < silent + BEGINNING_SAMPLES) chunks.push(chunk.subarray(before));
      samples += chunk.length;
    },
    onMessage: (line) => {
      if (FORMAT_LINE.test(line)) formats++;
    },
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
    maxOutputBytes: MAX_BYTES,
  });
  return { samples, formats, silent, beginning: Buffer.concat(chunks).subarray(0, BEGINNING_SAMPLES) };
}

/**
 * The sample of `whole` at which another decoding of the same packets begins; undefined if its first seconds or its
 * length do not match.
 */
export function offsetIn(whole: DecodedSound, other: DecodedSound): number | undefined {
  const length = Math.min(other.beginning.length, BEGINNING_SAMPLES / 2);
  const found = whole.beginning.indexOf(other.beginning.subarray(0, length));
  const offset = whole.silent + found - other.silent;
  return found < 0 || offset < 0 || whole.samples < offset + other.samples ? undefined : offset;
}
