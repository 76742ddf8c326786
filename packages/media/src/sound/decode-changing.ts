import { runFfmpeg } from "../ffmpeg/run.js";
import { CHANNELS, SAMPLE_RATE } from "./pcm.js";
import { type Placement, SoundPlacer } from "./sound-placer.js";
import { WholeSamples } from "./whole-samples.js";

export interface ChangingSound extends Placement {
  readonly sourcePath: string;
  /** Among the file's sound tracks, from 0. */
  readonly track: number;
  /** Samples from here to there are wanted. */
  readonly from: number;
  readonly to: number;
  readonly maxGapSeconds: number;
  readonly tornApart: () => Error;
  readonly deadlineSeconds: number;
  readonly signal: AbortSignal;
}

/** Left, right, and when a sample is shown: whole seconds, and their fraction (a 32-bit float holds either exactly enough). */
const TIMED = ["val(0)", "val(1)", "floor(t)", "t-floor(t)"].join("|");
const TIMED_CHANNELS = 4;
/** A day. */
const MAX_BYTES = 24 * 3600 * SAMPLE_RATE * TIMED_CHANNELS * 4;
/** Silence is given in pieces of a second. */
const SILENCE = new Float32Array(SAMPLE_RATE * CHANNELS);

/**
 * Decodes sound that changes its format midway. ffmpeg makes its filters anew there, so none of them can put sound in its
 * place: each sample comes with its time, and is placed here. `write` gets the samples that are wanted, without a gap.
 */
export async function decodeChanging(
  { sourcePath, track, from, to, maxGapSeconds, tornApart, deadlineSeconds, signal, ...placement }: ChangingSound,
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
      if (position - end > maxGapSeconds * SAMPLE_RATE) throw tornApart();
      while (end < Math.min(position, to)) {
        await put(end, SILENCE.subarray(0, Math.min(SAMPLE_RATE, position - end) * CHANNELS));
      }
      await put(position, values);
      if (end >= to) throw ENOUGH;
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
    if (error !== ENOUGH) throw error;
  }
}

/** What is wanted has all been given. */
const ENOUGH = new Error("It is enough.");

/** Stretches whose times go on from sample to sample, of interleaved samples with their times. */
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
