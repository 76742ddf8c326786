import { runFfmpeg } from "../ffmpeg/run.js";
import { FORMAT_TOLD, MARKED } from "../sound/decode.js";

const DEADLINE_SECONDS = 3600;
/** A day of sound of 96,000 samples a second, a byte each. */
const MAX_BYTES = 24 * 3600 * 96_000;
/** Of the samples that are compared: some seconds. */
const BEGINNING_SAMPLES = 1 << 18;

/** What a track decodes to. */
export interface DecodedSound {
  readonly samples: number;
  /** More than one where it changes its rate or its channels midway. */
  readonly formats: number;
  /** How many of them are silent before the first that is not. */
  readonly silent: number;
  /** The samples from there, in mono, a byte each. */
  readonly beginning: Buffer;
}

/** Silence in 8 bits. */
const SILENCE = 128;

/** Decodes a sound track without writing it anywhere. Throws what ffmpeg's run throws. */
export async function decodedSound(path: string, track: number, signal: AbortSignal): Promise<DecodedSound> {
  let [samples, silent, formats] = [0, 0, 0];
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ media: path, options: ["-copyts", "-vn", "-sn", "-dn"] }],
    filterComplex: `[0:a:${track}]${MARKED},aformat=sample_fmts=u8:channel_layouts=mono[out]`,
    outputs: [{ stdout: true, options: ["-map", "[out]", "-f", "u8"] }],
    onStdout: (chunk) => {
      const heard = chunk.findIndex((value) => value !== SILENCE);
      if (samples === silent) silent += heard < 0 ? chunk.length : heard;
      const before = Math.max(0, silent - samples);
      if (samples < silent + BEGINNING_SAMPLES) chunks.push(chunk.subarray(before));
      samples += chunk.length;
    },
    onMessage: (line) => {
      if (FORMAT_TOLD.test(line)) formats++;
    },
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
    maxOutputBytes: MAX_BYTES,
  });
  return { samples, formats, silent, beginning: Buffer.concat(chunks).subarray(0, BEGINNING_SAMPLES) };
}

/**
 * At which sample of `whole` another decoding of the same packets begins; undefined where it is not in it, with its first
 * seconds and its length.
 */
export function offsetIn(whole: DecodedSound, other: DecodedSound): number | undefined {
  const most = Math.min(other.beginning.length, BEGINNING_SAMPLES / 2);
  const found = whole.beginning.indexOf(other.beginning.subarray(0, most));
  const offset = whole.silent + found - other.silent;
  return found < 0 || offset < 0 || whole.samples < offset + other.samples ? undefined : offset;
}
