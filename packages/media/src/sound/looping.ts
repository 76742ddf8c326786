import type { Stretch } from "./ducking.js";
import { CHANNELS, type PcmFile, SAMPLE_RATE } from "./pcm.js";

/** Length of the crossfade at the end of each cycle. */
const SEAM_SAMPLES = 0.01 * SAMPLE_RATE;
/** A bend in the wave this much sharper than any near it is heard as a click, unless it is quieter than the limit below. */
const CLICK_TIMES = 2;
const CLICK_LEAST = 0.001;

/** Reads samples of an endless sound, interleaved: from a position on, at least one and at most `count`. */
export type LoopReader = (position: number, count: number) => Promise<Float32Array>;

/**
 * A stretch of a file, repeated from its beginning; every cycle has exactly the stretch's length, so that music cut to
 * the beat stays in step.
 *
 * If the end does not meet the beginning, each return would click. Only then (a well-cut loop is not changed) the last
 * 10 ms fade into the 10 ms before the stretch or, if there are none, into the beginning played backwards: both lead
 * into the beginning without a jump, and its attack is preserved.
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
    const blended = values.slice();
    blended.set(
      seam.subarray((first - seamFrom) * CHANNELS, (last - seamFrom) * CHANNELS),
      (first - within) * CHANNELS,
    );
    return blended;
  };
}

/** Whether the wave bends more sharply at the seam than anywhere nearby. */
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

/** Crossfades two sounds of the same length with equal power. */
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
