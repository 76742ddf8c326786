import { runFfmpeg } from "../ffmpeg/run.js";
import { CHANNELS, SAMPLE_RATE } from "./pcm.js";
import { type Placement, SoundPlacer } from "./sound-placer.js";
import { WholeSamples } from "./whole-samples.js";

export interface ChangingSound extends Placement {
  readonly sourcePath: string;
  /** Position among the file's audio tracks, from 0. */
  readonly track: number;
  /** Range of requested samples. */
  readonly from: number;
  readonly to: number;
  readonly maxGapSeconds: number;
  readonly gapTooLong: () => Error;
  readonly deadlineSeconds: number;
  readonly signal: AbortSignal;
}

/** Left, right, and a sample's time: whole seconds, and the fraction (a 32-bit float is precise enough for either). */
const TIMED = ["val(0)", "val(1)", "floor(t)", "t-floor(t)"].join("|");
const TIMED_CHANNELS = 4;
/** A day. */
const MAX_BYTES = 24 * 3600 * SAMPLE_RATE * TIMED_CHANNELS * 4;
/** Silence is written in pieces of a second. */
const SILENCE = new Float32Array(SAMPLE_RATE * CHANNELS);

/**
 * Decodes audio that changes its format midway. ffmpeg rebuilds its filters there, so no filter can keep samples in
 * place: each sample carries its time, and is placed here. `write` receives the requested samples without gaps.
 */
export async function decodeChanging(
  { sourcePath, track, from, to, maxGapSeconds, gapTooLong, deadlineSeconds, signal, ...placement }: ChangingSound,
  write: (values: Float32Array) => Promise<void>,
): Promise<void> {
  const placer = new SoundPlacer(placement);
  const whole = new WholeSamples(TIMED_CHANNELS);
  let end = 0;
  const put = async (position: number, values: Float32Array) => {
    const first = Math.max(0, Math.min(values.length / CHANNELS, from - position));
    const last = Math.max(first, Math.min(values.length / CHANNELS, to - position));
    if (first < last) await write(values.subarray(first * CHANNELS, last * CHANNELS));
    end = position + values.length / CHANNELS;
  };
  const place = async (placed: ReturnType<SoundPlacer["push"]>) => {
    for (const { position, values } of placed) {
      if (position - end > maxGapSeconds * SAMPLE_RATE) throw gapTooLong();
      while (end < Math.min(position, to)) {
        await put(end, SILENCE.subarray(0, Math.min(SAMPLE_RATE, position - end) * CHANNELS));
      }
      await put(position, values);
      if (end >= to) throw DONE;
    }
  };
  const formatted = `aformat=sample_fmts=flt:sample_rates=${SAMPLE_RATE}:channel_layouts=stereo`;
  try {
    await runFfmpeg({
      inputs: [{ media: sourcePath, options: ["-copyts", "-vn", "-sn", "-dn"] }],
      filterComplex: `[0:a:${track}]${formatted},aeval=exprs=${TIMED}:c=4.0[timed]`,
      outputs: [{ stdout: true, options: ["-map", "[timed]", "-f", "f32le"] }],
      onStdout: async (chunk) => {
        for (const { seconds, values } of framesOf(whole.push(chunk))) await place(placer.push(seconds, values));
      },
      maxOutputBytes: MAX_BYTES,
      deadlineSeconds,
      signal,
    });
    await place(placer.finish());
  } catch (error) {
    if (error !== DONE) throw error;
  }
}

/** Everything requested has been written. */
const DONE = new Error("All requested samples are decoded.");

/** Splits interleaved samples with times into runs with continuous times. */
function* framesOf(timed: Float32Array): Generator<{ seconds: number; values: Float32Array }> {
  const count = timed.length / TIMED_CHANNELS;
  const timeAt = (i: number) => (timed[i * TIMED_CHANNELS + 2] ?? 0) + (timed[i * TIMED_CHANNELS + 3] ?? 0);
  let first = 0;
  for (let i = 1; i <= count; i++) {
    if (i < count && Math.abs(timeAt(i) - timeAt(i - 1) - 1 / SAMPLE_RATE) < 0.5 / SAMPLE_RATE) continue;
    const values = new Float32Array((i - first) * CHANNELS);
    for (let k = first; k < i; k++) {
      values[(k - first) * CHANNELS] = timed[k * TIMED_CHANNELS] ?? 0;
      values[(k - first) * CHANNELS + 1] = timed[k * TIMED_CHANNELS + 1] ?? 0;
    }
    yield { seconds: timeAt(first), values };
    first = i;
  }
}
