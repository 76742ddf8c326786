import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PcmIndex, PcmIndexSchema } from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { mediaFault } from "../ffmpeg/media-fault.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import type { AudioProbe, Probe } from "../probe/parse.js";
import { probe } from "../probe/probe.js";
import { soundTrack } from "../probe/require.js";
import { movedParts } from "../probe/restarts.js";
import { decodeChanging } from "./decode-changing.js";
import { LoudnessMeter } from "./loudness-meter.js";
import { BYTES_PER_SAMPLE, CHANNELS, PCM_FORMAT, pcmBytes, SAMPLE_RATE } from "./pcm.js";
import { WholeSamples } from "./whole-samples.js";

export interface DecodeOptions {
  /**
   * What sample 0 is: where the sound begins, or where the first picture is shown. In the latter case sound that comes
   * before it is dropped and a gap is filled, so that picture and sound stay together as in the source.
   */
  readonly zeroAt: "audio" | "video";
  /** Decodes from here, counted from that zero. */
  readonly startSeconds?: number;
  /** At most so much. 4 hours where nothing is said. */
  readonly maxSeconds?: number;
  /** Position among the file's sound tracks, from 0, plus 1; 0: the one that players play. */
  readonly track?: number;
  /** What the source is, where that is known. */
  readonly probe?: Probe | undefined;
  readonly signal: AbortSignal;
  /** Where the PCM is written. */
  readonly tempDir: string;
}

/** Nothing is decoded behind it, unless more is asked for. */
export const MAX_SECONDS = 4 * 3600;
/**
 * Gaps are filled in memory, 0.4 MB a second. Recordings of calls are silent for minutes; where time stamps jump by hours,
 * they are damaged, or a small file is to take all the memory there is.
 */
const MAX_GAP_SECONDS = 1800;
/** Enough for hours of sound, which decodes hundreds of times faster than it plays. */
const DEADLINE_SECONDS = 1800;

/**
 * Decodes a sound track of a file to PCM, whatever its codec, rate and channels, and measures its loudness over time in the
 * same pass. Gaps in the source are filled with silence, and what its encoder added at the end is left out.
 *
 * Throws PolyreelError `invalid` where there is no sound, or it cannot be decoded.
 */
export async function decodePcm(
  sourcePath: string,
  options: DecodeOptions,
): Promise<{ path: string; index: PcmIndex }> {
  const { signal, tempDir, zeroAt, startSeconds = 0, maxSeconds = MAX_SECONDS } = options;
  const source = options.probe ?? (await probe(sourcePath, { signal }));
  const track = soundTrack(source, options.track ?? 0);
  const zero: Zero = zeroAt === "video" ? (source.video?.firstPictureSeconds ?? "STARTT") : "STARTT";
  const path = join(tempDir, `${randomUUID()}.pcm`);
  const mostSamples = Math.ceil(maxSeconds * SAMPLE_RATE);
  const timing: DecodeTiming = { zero, startSeconds, ...endOf(track, zero) };
  const moved = source.restarts ? [movedParts("asetpts", source.restarts)] : [];
  const filters = [MARKED, ...moved, ...decodeFilters(timing)].join(",");
  let [formats, torn] = [0, false];
  const decode = (write: WriteValues) => {
    const whole = new WholeSamples();
    return runFfmpeg({
      // copyts: the file's own time, the same that the first picture is told in.
      inputs: [{ media: sourcePath, options: ["-copyts", "-vn", "-sn", "-dn"] }],
      filterComplex: `[0:a:${track.track ?? 0}]${filters}[pcm]`,
      outputs: [{ stdout: true, options: ["-map", "[pcm]", "-t", String(maxSeconds), ...PCM_FORMAT] }],
      onStdout: (chunk) => write(whole.push(chunk)),
      onMessage: (line) => {
        if (FORMAT_TOLD.test(line)) formats++;
        if (GAP_TOLD.test(line)) torn = true;
      },
      maxOutputBytes: (mostSamples + SAMPLE_RATE) * BYTES_PER_SAMPLE,
      signal,
      deadlineSeconds: DEADLINE_SECONDS,
    });
  };
  const from = Math.round(startSeconds * SAMPLE_RATE);
  const end = timing.endSeconds === undefined ? Number.POSITIVE_INFINITY : Math.round(timing.endSeconds * SAMPLE_RATE);
  const changing = {
    ...{ sourcePath, track: track.track ?? 0, restarts: source.restarts, from, to: Math.min(from + mostSamples, end) },
    // The first frame's time is not to be trusted there.
    zeroSeconds: zero === "STARTT" ? track.startSeconds : zero,
    ...{ maxGapSeconds: MAX_GAP_SECONDS, tornApart, deadlineSeconds: DEADLINE_SECONDS, signal },
  };
  try {
    await using file = await open(path, "wx");
    let written = await writePcm(file, mostSamples, decode).catch(ifNeverEnding);
    if (!written || formats > 1) {
      written = await writePcm(file, mostSamples, (write) => decodeChanging(changing, write));
    } else if (torn) throw tornApart();
    const { samples, loudnessLufs } = written;
    if (samples === 0 && startSeconds === 0) throw soundless();
    return { path, index: create(PcmIndexSchema, { samples: BigInt(samples), loudnessLufs }) };
  } catch (error) {
    await rm(path, { force: true });
    throw mediaFault(error, UNDECODABLE);
  }
}

interface Written {
  readonly samples: number;
  readonly loudnessLufs: number[];
}

/** Writes what a run gives to a file, from its beginning. Throws NeverEnding where that is more than can be. */
async function writePcm(
  file: FileHandle,
  mostSamples: number,
  run: (write: WriteValues) => Promise<unknown>,
): Promise<Written> {
  await file.truncate(0);
  const meter = new LoudnessMeter();
  let samples = 0;
  await run(async (values) => {
    if (values.length === 0) return;
    meter.push(values);
    const position = samples * BYTES_PER_SAMPLE;
    samples += values.length / CHANNELS;
    if (samples > mostSamples) throw new NeverEnding();
    await writeAll(file, pcmBytes(values), position);
  });
  return { samples, loudnessLufs: meter.finish() };
}

/** Takes interleaved values of whole samples. */
type WriteValues = (values: Float32Array) => Promise<void>;

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Where the track's own length is known, what follows it is left out. */
function endOf(track: AudioProbe, zero: Zero): { endSeconds?: number } {
  if (track.exactSeconds === undefined) return {};
  const endSeconds = track.exactSeconds + (zero === "STARTT" ? 0 : track.startSeconds - zero);
  return endSeconds > 0 ? { endSeconds } : {};
}

/** Seconds of the file's time, or STARTT (of the sound itself). */
type Zero = number | "STARTT";

interface DecodeTiming {
  readonly zero: Zero;
  readonly startSeconds: number;
  readonly endSeconds?: number;
}

function decodeFilters({ zero, startSeconds, endSeconds }: DecodeTiming): string[] {
  const trimmed = [
    ...(startSeconds > 0 ? [`start_sample=${Math.round(startSeconds * SAMPLE_RATE)}`] : []),
    ...(endSeconds === undefined ? [] : [`end_sample=${Math.round(Math.max(startSeconds, endSeconds) * SAMPLE_RATE)}`]),
  ];
  return [
    `asetpts=PTS-${zero}/TB`,
    // All that comes after too long a gap is left out, and the gap told: a number, at the level of errors, once.
    `aselect='if(ld(0),0,if(gt(${SINCE},${MAX_GAP_SECONDS}),0*(st(0,1)+print(${SINCE},${ERROR_LEVEL})),1))'`,
    // Fills gaps, and pads or drops at the start so that the first sample is at time 0 (from 0.1 ms on). What is 40 ms
    // out of place counts as a gap: less is the rounding of containers' time stamps.
    `aresample=${SAMPLE_RATE}:async=1:first_pts=0:min_comp=0.0001:min_hard_comp=0.04`,
    // By counting samples, so that a stretch is the same sound as in the whole: dropping minutes by their time stamps
    // (in aresample) leaves 20 ms of Vorbis in.
    ...(trimmed.length > 0 ? [`atrim=${trimmed.join(":")}`] : []),
    ...(startSeconds > 0 ? ["asetpts=PTS-STARTPTS"] : []),
    "aformat=sample_fmts=flt:channel_layouts=stereo",
  ];
}

/** Seconds since the frame before, or since the beginning. */
const SINCE = "t-if(isnan(prev_selected_t),0,prev_selected_t)";
/** AV_LOG_ERROR. */
const ERROR_LEVEL = 16;
const GAP_TOLD = /\[error\] \d+\.\d+$/;

/** Where a sound changes its format, ffmpeg makes its filters anew: each first frame's time is printed, as a warning. */
export const MARKED = "aselect='1+0*if(eq(n,0),print(t,24),0)'";
export const FORMAT_TOLD = /\[warning\] (-?\d+\.\d+|nan)$/;

const tornApart = (): PolyreelError =>
  sourceError({
    reason: `The file's sound has a gap of more than ${MAX_GAP_SECONDS / 60} minutes: its time stamps jump.`,
    remedy: "Convert it to WAV or M4A first, or cut it where the gap is.",
  });

/** Filters that are made anew count time from 0 again, and fill it with silence each time. */
class NeverEnding extends PolyreelError {
  constructor() {
    super("invalid", {
      reason: "The file's sound changes its format again and again, and never ends.",
      remedy: "Convert it to WAV or M4A first.",
    });
  }
}

function ifNeverEnding(error: unknown): undefined {
  if (!(error instanceof NeverEnding)) throw error;
}

const UNDECODABLE = {
  reason: "The file's sound cannot be decoded.",
  remedy: "Check that it plays, or convert it to WAV or M4A first.",
};

const soundless = (): PolyreelError =>
  sourceError({
    reason: "The file's sound is empty, or nothing of it can be decoded.",
    remedy: "Use another file, or leave its sound out (sound: muted).",
  });
