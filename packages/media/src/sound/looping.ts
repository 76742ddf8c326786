import type { Stretch } from "./ducking.js";
import { CHANNELS, type PcmFile, SAMPLE_RATE } from "./pcm.js";

/** For so long before a return to the beginning, the end fades over into what leads to the beginning. */
const SEAM_SAMPLES = 0.01 * SAMPLE_RATE;
/** A bend in the wave this much sharper than any near it is heard as a click, unless it is as soft as this. */
const CLICK_TIMES = 2;
const CLICK_LEAST = 0.001;

/** Gives samples of an endless sound, interleaved: from a position on, at most `count`, one at least. */
export type LoopReader = (position: number, count: number) => Promise<Float32Array>;

/**
 * A stretch of a file, played again and again from its beginning; every cycle has exactly the stretch's length, so that music
 * cut to the beat stays in step.
 *
 * Where the end does not meet the beginning there would be a click at each return. There, and only there (a loop that is cut
 * well is left as it is), the last 10 ms fade out under the 10 ms that stand before the stretch or, where there is nothing, the
 * beginning played backwards: both go on into the beginning without a jump, and it keeps its attack.
 */
export async function openLoop(file: PcmFile, { from, to }: Stretch): Promise<LoopReader> {
  const cycle = to - from;
  const seamSamples = Math.min(SEAM_SAMPLES, Math.floor(cycle / 2));
  const ending = await file.read(to - seamSamples, seamSamples);
  const beginning = await file.read(from, seamSamples);
  const leading = from >= seamSamples ? await file.read(from - seamSamples, seamSamples) : backwards(beginning);
  const seam = clicks(ending, beginning) ? crossfade(ending, leading) : ending;
  return async (position, count) => {
    const within = position % cycle;
    const values = await file.read(from + within, Math.min(count, cycle - within));
    const seamFrom = cycle - seamSamples;
    const first = Math.max(within, seamFrom);
    const last = within + values.length / CHANNELS;
    if (first >= last) return values;
    const mended = values.slice();
    mended.set(seam.subarray((first - seamFrom) * CHANNELS, (last - seamFrom) * CHANNELS), (first - within) * CHANNELS);
    return mended;
  };
}

/** Whether the wave bends more sharply where the two meet than anywhere within them. */
function clicks(ending: Float32Array, beginning: Float32Array): boolean {
  const joined = new Float32Array(ending.length + beginning.length);
  joined.set(ending);
  joined.set(beginning, ending.length);
  let usual = CLICK_LEAST;
  let here = 0;
  for (let i = CHANNELS; i < joined.length - CHANNELS; i++) {
    const around = (joined[i - CHANNELS] as number) + (joined[i + CHANNELS] as number);
    const bend = Math.abs(around - 2 * (joined[i] as number));
    if (i >= ending.length - CHANNELS && i < ending.length + CHANNELS) here = Math.max(here, bend);
    else usual = Math.max(usual, bend);
  }
  return here > CLICK_TIMES * usual;
}

/** One sound fading over into another of the same length, with equal power. */
function crossfade(ending: Float32Array, leading: Float32Array): Float32Array {
  const samples = ending.length / CHANNELS;
  return ending.map((value, i) => {
    const angle = ((Math.PI / 2) * (Math.floor(i / CHANNELS) + 0.5)) / samples;
    return value * Math.cos(angle) + (leading[i] as number) * Math.sin(angle);
  });
}

function backwards(values: Float32Array): Float32Array {
  const last = values.length - CHANNELS;
  return values.map((_, i) => values[last - i + 2 * (i % CHANNELS)] as number);
}
