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

/**
 * Multiplies gains by the ducking, ramps linear in dB: those of every `step` samples of the timeline from sample `start` on,
 * taken in their middle.
 */
export function duck(gains: Float32Array, start: number, step: number, stretches: readonly Stretch[]): void {
  for (const { from, to } of stretches) {
    const first = Math.max(0, Math.floor((from - RAMP_DOWN_SAMPLES - start) / step));
    const last = Math.min(gains.length, Math.ceil((to + RAMP_UP_SAMPLES - start) / step));
    for (let i = first; i < last; i++) {
      const depth = depthAt(start + i * step + (step - 1) / 2, from, to);
      (gains[i] as number) *= depth === 1 ? DEPTH : amplitudeOfDb(DEPTH_DB * depth);
    }
  }
}

/** 0 (not ducked) to 1 (fully). */
function depthAt(sample: number, from: number, to: number): number {
  if (sample < from) return Math.max(0, 1 - (from - sample) / RAMP_DOWN_SAMPLES);
  if (sample >= to) return Math.max(0, 1 - (sample - to) / RAMP_UP_SAMPLES);
  return 1;
}
