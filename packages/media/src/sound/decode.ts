import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PcmIndex, PcmIndexSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { ProgramFailure } from "../ffmpeg/failure.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import { firstPictureSeconds } from "./first-picture.js";
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
  readonly signal: AbortSignal;
  /** Where the PCM is written. */
  readonly tempDir: string;
}

const MAX_SECONDS = 4 * 3600;
/**
 * Gaps are filled in memory, 0.4 MB a second. Recordings of calls are silent for minutes; where time stamps jump by hours,
 * they are damaged, or a small file is to take all the memory there is.
 */
const MAX_GAP_SECONDS = 1800;
/** Enough for hours of sound, which decodes hundreds of times faster than it plays. */
const DEADLINE_SECONDS = 1800;

/**
 * Decodes the first sound stream of a file to PCM, whatever its codec, rate and channels, and measures its loudness over
 * time in the same pass. Gaps in the source are filled with silence.
 *
 * Throws PolyreelError `invalid` where there is no sound, or it cannot be decoded.
 */
export async function decodePcm(
  sourcePath: string,
  options: DecodeOptions,
): Promise<{ path: string; index: PcmIndex }> {
  const { signal, tempDir, zeroAt, startSeconds = 0, maxSeconds = MAX_SECONDS } = options;
  const zero = zeroAt === "video" ? ((await firstPictureSeconds(sourcePath, signal)) ?? "STARTT") : "STARTT";
  const path = join(tempDir, `${randomUUID()}.pcm`);
  const meter = new LoudnessMeter();
  let samples = 0;
  const mostSamples = Math.ceil(maxSeconds * SAMPLE_RATE);
  const whole = new WholeSamples();
  try {
    await using file = await open(path, "wx");
    const { stderr } = await runFfmpeg({
      // copyts: the file's own time, the same that the first picture is told in.
      inputs: [{ media: sourcePath, options: ["-copyts", "-vn", "-sn", "-dn"] }],
      filterComplex: `[0:a:0]${decodeFilter(zero, startSeconds)}[pcm]`,
      outputs: [{ stdout: true, options: ["-map", "[pcm]", "-t", String(maxSeconds), ...PCM_FORMAT] }],
      onStdout: async (chunk) => {
        const values = whole.push(chunk);
        if (values.length === 0) return;
        meter.push(values);
        samples += values.length / CHANNELS;
        if (samples > mostSamples) throw neverEnding();
        await file.writeFile(pcmBytes(values));
      },
      maxOutputBytes: (mostSamples + SAMPLE_RATE) * BYTES_PER_SAMPLE,
      signal,
      deadlineSeconds: DEADLINE_SECONDS,
    });
    if (GAP_TOLD.test(stderr)) throw tornApart();
    if (samples === 0 && startSeconds === 0) throw soundless();
  } catch (error) {
    await rm(path, { force: true });
    throw mediaFault(error);
  }
  return { path, index: create(PcmIndexSchema, { samples: BigInt(samples), loudnessLufs: meter.finish() }) };
}

/** @param zero seconds of the file's time, or STARTT (of the sound itself) */
function decodeFilter(zero: number | "STARTT", startSeconds: number): string {
  return [
    `asetpts=PTS-${zero}/TB`,
    // All that comes after too long a gap is left out, and the gap told: a number, at the level of errors, once.
    `aselect='if(ld(0),0,if(gt(${SINCE},${MAX_GAP_SECONDS}),0*(st(0,1)+print(${SINCE},${ERROR_LEVEL})),1))'`,
    // Fills gaps, and pads or drops at the start so that the first sample is at time 0 (from 0.1 ms on). What is 40 ms
    // out of place counts as a gap: less is the rounding of containers' time stamps.
    `aresample=${SAMPLE_RATE}:async=1:first_pts=0:min_comp=0.0001:min_hard_comp=0.04`,
    // By counting samples, so that a stretch is the same sound as in the whole: dropping minutes by their time stamps
    // (in aresample) leaves 20 ms of Vorbis in.
    ...(startSeconds > 0
      ? [`atrim=start_sample=${Math.round(startSeconds * SAMPLE_RATE)}`, "asetpts=PTS-STARTPTS"]
      : []),
    "aformat=sample_fmts=flt:channel_layouts=stereo",
  ].join(",");
}

/** Seconds since the frame before, or since the beginning. */
const SINCE = "t-if(isnan(prev_selected_t),0,prev_selected_t)";
/** AV_LOG_ERROR. */
const ERROR_LEVEL = 16;
const GAP_TOLD = /\[error\] \d+\.\d+$/m;

const tornApart = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `The file's sound has a gap of more than ${MAX_GAP_SECONDS / 60} minutes: its time stamps jump.`,
    remedy: "Convert it to WAV or M4A first, or cut it where the gap is.",
  });

/** Where a sound changes its format midway, ffmpeg begins its filters anew, which count time from 0 again. */
const neverEnding = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: "The file's sound changes its format again and again, and never ends.",
    remedy: "Convert it to WAV or M4A first.",
  });

/** Where ffmpeg gives up in a way that is known nowhere, it is the media: there is nothing else in this command. */
function mediaFault(error: unknown): unknown {
  if (!(error instanceof PolyreelError) || !(error.cause instanceof ProgramFailure) || error.code !== "internal") {
    return error;
  }
  return new PolyreelError(
    "invalid",
    {
      reason: "The file's sound cannot be decoded.",
      remedy: "Check that it plays, or convert it to WAV or M4A first.",
    },
    { cause: error.cause },
  );
}

const soundless = (): PolyreelError =>
  new PolyreelError("invalid", {
    reason: "The file's sound is empty, or nothing of it can be decoded.",
    remedy: "Use another file, or leave its sound out (sound: muted).",
  });
