import { PolyreelError, sourceError } from "@polyreel/platform";
import { mediaFault } from "../ffmpeg/media-fault.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import type { AudioProbe, Probe } from "../probe/parse.js";
import { probe } from "../probe/probe.js";
import { soundTrack } from "../probe/require.js";
import { movedParts } from "../probe/restarts.js";
import { decodeChanging } from "./decode-changing.js";
import { BYTES_PER_SAMPLE, CHANNELS, PCM_FORMAT, SAMPLE_RATE } from "./pcm.js";
import { WholeSamples } from "./whole-samples.js";

export interface DecodeOptions {
  /**
   * Meaning of sample 0: the start of the audio, or of the first picture. In the latter case earlier audio is dropped
   * and a gap is filled, so that audio and video stay in sync as in the source.
   */
  readonly zeroAt: "audio" | "video";
  /** Start of decoding, counted from that zero. */
  readonly startSeconds?: number;
  /** Maximum length; 4 hours by default. */
  readonly maxSeconds?: number;
  /** Audio track, from 1; 0 selects the default one. */
  readonly track?: number;
  /** The source's probe, if known. */
  readonly probe?: Probe | undefined;
  readonly signal: AbortSignal;
}

/** Takes decoded sound: interleaved values of whole samples, in order. */
export interface SoundSink {
  /** Before the first values, and again if decoding starts over: what was taken before is void. */
  begin(): void | Promise<void>;
  push(values: Float32Array): void | Promise<void>;
}

/** Nothing is decoded beyond this by default. */
export const MAX_SECONDS = 4 * 3600;
/**
 * Gaps are filled in memory, 0.4 MB a second. Recordings of calls are silent for minutes; timestamps that jump by hours
 * are damaged, or an attempt to exhaust memory.
 */
const MAX_GAP_SECONDS = 1800;
/** Audio decodes hundreds of times faster than it plays. */
const SLOWEST_SECONDS_A_SECOND = 8;
const LEAST_DEADLINE_SECONDS = 1800;

/**
 * Decodes an audio track of a file to PCM, whatever its codec, rate and channels, in flat memory. Gaps in the source are
 * filled with silence, and the encoder's padding is removed. Returns the number of samples.
 *
 * Throws PolyreelError `invalid` if there is no audio, or it cannot be decoded.
 */
export async function decodeSound(sourcePath: string, options: DecodeOptions, sink: SoundSink): Promise<number> {
  const { signal, zeroAt, startSeconds = 0, maxSeconds = MAX_SECONDS } = options;
  const source = options.probe ?? (await probe(sourcePath, { signal }));
  const track = soundTrack(source, options.track ?? 0);
  const zero: Zero = zeroAt === "video" ? (source.video?.firstPictureSeconds ?? "STARTT") : "STARTT";
  const maxSamples = Math.ceil(maxSeconds * SAMPLE_RATE);
  const deadlineSeconds = Math.max(LEAST_DEADLINE_SECONDS, maxSeconds / SLOWEST_SECONDS_A_SECOND);
  const timing: DecodeTiming = { zero, startSeconds, ...endOf(track, zero) };
  const moved = source.restarts ? [movedParts("asetpts", source.restarts)] : [];
  const filters = [PRINT_FIRST_FRAMES, ...moved, ...decodeFilters(timing), STEREO].join(",");
  let [formats, hasLongGap] = [0, false];
  const decode = (write: WriteValues) => {
    const whole = new WholeSamples();
    return runFfmpeg({
      // copyts: the file's own clock, as for the first picture.
      inputs: [{ media: sourcePath, options: ["-copyts", "-vn", "-sn", "-dn"] }],
      filterComplex: `[0:a:${track.track ?? 0}]${filters}[pcm]`,
      outputs: [{ stdout: true, options: ["-map", "[pcm]", "-t", String(maxSeconds), ...PCM_FORMAT] }],
      onStdout: (chunk) => write(whole.push(chunk)),
      onMessage: (line) => {
        if (FORMAT_LINE.test(line)) formats++;
        if (GAP_LINE.test(line)) hasLongGap = true;
      },
      maxOutputBytes: (maxSamples + SAMPLE_RATE) * BYTES_PER_SAMPLE,
      ...{ signal, deadlineSeconds },
    });
  };
  const from = Math.round(startSeconds * SAMPLE_RATE);
  const end = timing.endSeconds === undefined ? Number.POSITIVE_INFINITY : Math.round(timing.endSeconds * SAMPLE_RATE);
  const changing = {
    ...{ sourcePath, track: track.track ?? 0, restarts: source.restarts, from, to: Math.min(from + maxSamples, end) },
    // The time of the first frame is unreliable there.
    zeroSeconds: zero === "STARTT" ? track.startSeconds : zero,
    ...{ maxGapSeconds: MAX_GAP_SECONDS, gapTooLong: gapTooLong, deadlineSeconds, signal },
  };
  try {
    let samples = await pushTo(sink, maxSamples, decode).catch(ifNeverEnding);
    if (samples === undefined || formats > 1) {
      samples = await pushTo(sink, maxSamples, (write) => decodeChanging(changing, write));
    } else if (hasLongGap) throw gapTooLong();
    if (samples === 0 && startSeconds === 0) throw soundless();
    return samples;
  } catch (error) {
    throw mediaFault(error, UNDECODABLE);
  }
}

/** Passes on the output of a run, counting its samples. Throws NeverEnding if it exceeds the possible length. */
async function pushTo(sink: SoundSink, maxSamples: number, run: (write: WriteValues) => Promise<unknown>) {
  let samples = 0;
  await sink.begin();
  await run(async (values) => {
    if (values.length === 0) return;
    samples += values.length / CHANNELS;
    if (samples > maxSamples) throw new NeverEnding();
    await sink.push(values);
  });
  return samples;
}

/** Receives interleaved values of whole samples. */
type WriteValues = (values: Float32Array) => Promise<void>;

/** Samples beyond the track's known length are dropped. */
function endOf(track: AudioProbe, zero: Zero): { endSeconds?: number } {
  if (track.exactSeconds === undefined) return {};
  const endSeconds = track.exactSeconds + (zero === "STARTT" ? 0 : track.startSeconds - zero);
  return endSeconds > 0 ? { endSeconds } : {};
}

const STEREO = "aformat=sample_fmts=flt:channel_layouts=stereo";

/** Seconds on the file's clock, or STARTT (start of the audio itself). */
type Zero = number | "STARTT";

export interface DecodeTiming {
  readonly zero: Zero;
  readonly startSeconds: number;
  readonly endSeconds?: number;
}

/** Filters that give a track's samples at 48 kHz, without gaps, from its zero or the start on. */
export function decodeFilters({ zero, startSeconds, endSeconds }: DecodeTiming): string[] {
  const trimmed = [
    ...(startSeconds > 0 ? [`start_sample=${Math.round(startSeconds * SAMPLE_RATE)}`] : []),
    ...(endSeconds === undefined ? [] : [`end_sample=${Math.round(Math.max(startSeconds, endSeconds) * SAMPLE_RATE)}`]),
  ];
  return [
    `asetpts=PTS-${zero}/TB`,
    // Drops everything after too long a gap, and prints the gap once as a number, at error level.
    `aselect='if(ld(0),0,if(gt(${SINCE},${MAX_GAP_SECONDS}),0*(st(0,1)+print(${SINCE},${ERROR_LEVEL})),1))'`,
    // Fills gaps, and pads or drops at the start so that the first sample is at time 0 (from 0.1 ms on). A displacement
    // of 40 ms counts as a gap: less is rounding of timestamps.
    `aresample=${SAMPLE_RATE}:async=1:first_pts=0:min_comp=0.0001:min_hard_comp=0.04`,
    // Trims by counting samples, so that a stretch has the same samples as the whole: dropping minutes by timestamps
    // (in aresample) leaves 20 ms of Vorbis in.
    ...(trimmed.length > 0 ? [`atrim=${trimmed.join(":")}`] : []),
    ...(startSeconds > 0 ? ["asetpts=PTS-STARTPTS"] : []),
  ];
}

/** Seconds since the previous frame, or since the beginning. */
const SINCE = "t-if(isnan(prev_selected_t),0,prev_selected_t)";
/** AV_LOG_ERROR. */
const ERROR_LEVEL = 16;
const GAP_LINE = /\[error\] \d+\.\d+$/;

/** Where the format changes, ffmpeg rebuilds its filters: the time of each first frame is printed, as a warning. */
export const PRINT_FIRST_FRAMES = "aselect='1+0*if(eq(n,0),print(t,24),0)'";
export const FORMAT_LINE = /\[warning\] (-?\d+\.\d+|nan)$/;

const gapTooLong = (): PolyreelError =>
  sourceError({
    reason: `The file's sound has a gap of more than ${MAX_GAP_SECONDS / 60} minutes: its time stamps jump.`,
    remedy: "Convert it to WAV or M4A first, or cut it at the gap.",
  });

/** Rebuilt filters restart at time 0, and fill with silence each time. */
class NeverEnding extends PolyreelError {
  constructor() {
    super("invalid", {
      reason: "The file's sound changes its format endlessly.",
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
