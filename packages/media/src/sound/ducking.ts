import { amplitudeOfDb } from "./loudness.js";
import { SAMPLE_RATE } from "./pcm.js";

/** Attenuation of a bed while a voice speaks. */
const DEPTH_DB = -12;
const DEPTH = amplitudeOfDb(DEPTH_DB);
/** Fully attenuated when the voice begins, with a slow recovery, so that neither sounds abrupt. */
const RAMP_DOWN_SAMPLES = 0.15 * SAMPLE_RATE;
const RAMP_UP_SAMPLES = 0.4 * SAMPLE_RATE;
/** Attenuation continues between voices closer than this, to avoid pumping. Longer than both ramps together. */
const BRIDGED_SAMPLES = 0.6 * SAMPLE_RATE;

/** A range of the timeline in samples; `to` is exclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The ranges in which a bed is ducked, in order, separated by more than the bridged gap. */
export function duckedStretches(voices: readonly Stretch[]): Stretch[] {
  const stretches: { from: number; to: number }[] = [];
  for (const { from, to } of [...voices].sort((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last && from - last.to < BRIDGED_SAMPLES) last.to = Math.max(last.to, to);
    else stretches.push({ from, to });
  }
  return stretches;
}

/** Range in which a ducked stretch changes gains, including its ramps. */
export const rampedOver = ({ from, to }: Stretch): Stretch => ({
  from: from - RAMP_DOWN_SAMPLES,
  to: to + RAMP_UP_SAMPLES,
});

/**
 * Multiplies gains by the ducking, with ramps linear in dB: one gain per `step` samples of the timeline from sample
 * `start` on, evaluated in their middle.
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

/** A ramp from index `from` to `to`: a constant factor between gains, because it is linear in dB. */
function ramp(gains: Float32Array, from: number, to: number, depthAt: (index: number) => number): void {
  const first = Math.max(0, from);
  let factor = amplitudeOfDb(DEPTH_DB * depthAt(first));
  const change = amplitudeOfDb(DEPTH_DB * (depthAt(first + 1) - depthAt(first)));
  for (let i = first; i < Math.min(gains.length, to); i++) {
    (gains[i] as number) *= factor;
    factor *= change;
  }
}
