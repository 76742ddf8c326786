import { amplitudeOfDb } from "./loudness.js";
import { SAMPLE_RATE } from "./pcm.js";

/** How far a bed goes down while a voice speaks. */
const DEPTH_DB = -12;
const DEPTH = amplitudeOfDb(DEPTH_DB);
/** It is down when the voice begins, and comes back slowly, so that the ear takes neither for a jump. */
const RAMP_DOWN_SAMPLES = 0.15 * SAMPLE_RATE;
const RAMP_UP_SAMPLES = 0.4 * SAMPLE_RATE;
/** Between voices closer than this it stays down: coming up for a moment would pump. Longer than both ramps together. */
const BRIDGED_SAMPLES = 0.6 * SAMPLE_RATE;

/** A time on the timeline, in samples; `to` is not included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The times a bed is down, in order, with at least the bridged gap between them. */
export function duckedStretches(voices: readonly Stretch[]): Stretch[] {
  const stretches: { from: number; to: number }[] = [];
  for (const { from, to } of [...voices].sort((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last && from - last.to < BRIDGED_SAMPLES) last.to = Math.max(last.to, to);
    else stretches.push({ from, to });
  }
  return stretches;
}

/** Where a ducked stretch changes gains: its ramps included. */
export const rampedOver = ({ from, to }: Stretch): Stretch => ({
  from: from - RAMP_DOWN_SAMPLES,
  to: to + RAMP_UP_SAMPLES,
});

/**
 * Multiplies gains by the ducking, ramps linear in dB: those of every `step` samples of the timeline from sample `start` on,
 * taken in their middle.
 */
export function duck(gains: Float32Array, start: number, step: number, stretches: readonly Stretch[]): void {
  const indexAt = (sample: number) => Math.ceil((sample - start - (step - 1) / 2) / step);
  const middle = start + (step - 1) / 2;
  for (const { from, to } of stretches) {
    const down = indexAt(from);
    const up = indexAt(to);
    const distance = (index: number, sample: number) => Math.abs(middle + index * step - sample);
    const depthDown = (index: number) => 1 - distance(index, from) / RAMP_DOWN_SAMPLES;
    const depthUp = (index: number) => 1 - distance(index, to) / RAMP_UP_SAMPLES;
    ramp(gains, indexAt(from - RAMP_DOWN_SAMPLES), down, depthDown);
    for (let i = Math.max(0, down); i < Math.min(gains.length, up); i++) (gains[i] as number) *= DEPTH;
    ramp(gains, up, indexAt(to + RAMP_UP_SAMPLES), depthUp);
  }
}

/** A ramp from index `from` to `to`: the same factor from each gain to the next, as it is linear in dB. */
function ramp(gains: Float32Array, from: number, to: number, depthAt: (index: number) => number): void {
  const first = Math.max(0, from);
  let factor = amplitudeOfDb(DEPTH_DB * depthAt(first));
  const change = amplitudeOfDb(DEPTH_DB * (depthAt(first + 1) - depthAt(first)));
  for (let i = first; i < Math.min(gains.length, to); i++) {
    (gains[i] as number) *= factor;
    factor *= change;
  }
}
