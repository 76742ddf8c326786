import type { Stretch } from "./ducking.js";
import { BLOCK_HOPS, HOP_SAMPLES, integratedLoudness } from "./loudness.js";
import type { LoudnessProfile, Within } from "./loudness-profile.js";
import { SAMPLE_RATE } from "./pcm.js";
import { type Track, trackGains } from "./timeline.js";

/** Predicted power of a mix in each 100 ms, from its tracks' loudness over time, in several readings of it. */
export interface PredictedPowers {
  readonly expected: readonly number[];
  /**
   * A profile's steps of 100 ms are not aligned with the timeline's: a bang that is spread over two steps of the
   * timeline lies in one. These assume all sound of a step at its start, or at its end.
   */
  readonly early: readonly number[];
  readonly late: readonly number[];
  /**
   * If a track's input is cut within a step, assume none, or all, of that step's sound inside. Relevant for sounds of a
   * few frames.
   */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const READINGS = ["expected", "early", "late", "low", "high"] as const satisfies (keyof PredictedPowers)[];
type Reading = (typeof READINGS)[number];

/** Resolution of gains in samples: 2 ms, less than the shortest fade. */
const GAIN_STEP = 96;

export interface LoudnessRange {
  readonly minLufs: number;
  readonly maxLufs: number;
}

/**
 * Tolerance for the integrated loudness of a correct mix, in LU: 0.5, and more the shorter it is, because a step of 100
 * ms weighs more. Of thousands of random mixes (noise, syllables, tones and single bangs as footage with crossfades,
 * voices, beds and effects, 0.1 to 12 s) none was outside before encoding; half were within 0.1 of the expected value,
 * and those far from it were bangs, which a profile locates only to 100 ms; below a second a single one decides
 * everything. AAC changes speech and music by up to 0.1, and ffmpeg reports in steps of 0.1.
 */
const toleranceLu = (seconds: number): number => (seconds < 1 ? 6 : 0.5 + 1.5 / seconds);
/**
 * Blocks this near the relative gate (in LU) may fall on either side of it, and move the mean: with few blocks, a bang
 * slightly earlier or later in its 100 ms changes them, and the gate, considerably.
 */
const gateSpreadLu = (seconds: number): number => 1 + 4 / seconds;
/** Below this a whole mix may fall under the absolute gate of -70 LUFS, and count as silence. */
const NEAR_SILENCE_LUFS = -66;

/** Predicts a mix of `samples` from the recipe's decisions and the inputs' profiles, without reading any sound. */
export function predictPowers(tracks: readonly Track[], samples: number): PredictedPowers {
  // Sound shorter than a block is measured with silence after it; otherwise only whole steps are measured.
  const hops = Math.max(BLOCK_HOPS, Math.floor(samples / HOP_SAMPLES));
  const powers = eachReading(() => new Array<number>(hops).fill(0));
  for (const track of tracks) {
    const first = Math.floor(track.audible.from / HOP_SAMPLES);
    const last = Math.min(hops, Math.ceil(track.audible.to / HOP_SAMPLES));
    for (let hop = first; hop < last; hop++) {
      const power = powerIn(track, hop * HOP_SAMPLES);
      for (const reading of READINGS) (powers[reading][hop] as number) += power[reading];
    }
  }
  return powers;
}

/**
 * The same after the power of each 100 ms was changed by these factors. Sound that the profile assigns to one step may
 * lie in the next one, under its factor.
 */
export function scalePowers(powers: PredictedPowers, factors: readonly number[]): PredictedPowers {
  const near = (hop: number) => [hop - 1, hop, hop + 1].map((step) => factors[step] ?? factors[hop] ?? 1);
  const factorOf = (reading: Reading, hop: number): number => {
    if (reading === "low") return Math.min(...near(hop));
    if (reading === "high") return Math.max(...near(hop));
    return factors[hop] ?? 1;
  };
  return eachReading((reading) => powers[reading].map((power, hop) => power * factorOf(reading, hop)));
}

const eachReading = <T>(of: (reading: Reading) => T): Record<Reading, T> => ({
  expected: of("expected"),
  early: of("early"),
  late: of("late"),
  low: of("low"),
  high: of("high"),
});

/**
 * Range of the integrated loudness of a correct mix, in LUFS. -infinity to -infinity: silence.
 *
 * @param codecLossLu how much quieter the encoder is known to have made it
 */
export function predictedRange(powers: PredictedPowers, codecLossLu = 0): LoudnessRange {
  const seconds = (powers.expected.length * HOP_SAMPLES) / SAMPLE_RATE;
  const spread = Math.min(9, gateSpreadLu(seconds));
  const gates = [-10 - spread, -10, -10 + spread];
  const all = READINGS.flatMap((reading) => gates.map((gate) => integratedLoudness(powers[reading], gate)));
  const tolerance = toleranceLu(seconds);
  const min = Math.min(...all) - tolerance - codecLossLu;
  return { minLufs: min < NEAR_SILENCE_LUFS ? -Infinity : min, maxLufs: Math.max(...all) + tolerance };
}

/** Mean power of a track over the 100 ms from sample `start` of the timeline. */
function powerIn(track: Track, start: number): Record<Reading, number> {
  const from = Math.max(start, track.audible.from);
  const to = Math.min(start + HOP_SAMPLES, track.audible.to);
  const steps = Math.ceil((to - from) / GAIN_STEP);
  let gains = trackGains(track, from, steps, (to - from) / steps);
  // The gain is constant most of the time.
  if (gains.every((gain) => gain === gains[0])) gains = gains.subarray(0, 1);
  const powers = eachReading(() => 0);
  for (const [i, gain] of gains.entries()) {
    const at = (part: number) => from - track.audible.from + ((to - from) * part) / gains.length;
    const energy = energyIn(track, at(i), at(i + 1));
    for (const reading of READINGS) powers[reading] += (energy[reading] * gain * gain) / HOP_SAMPLES;
  }
  return powers;
}

/** Energy of a track's samples `from` to `to`, counted from where it becomes audible. */
function energyIn({ input, profile }: Track, from: number, to: number): Record<Reading, number> {
  const cycle = input.to - input.from;
  const first = Math.floor(from / cycle);
  const last = Math.max(first, Math.ceil(to / cycle) - 1);
  const piece = (start: number, end: number) =>
    energyInCycle(input, profile, start - first * cycle, end - first * cycle);
  if (first === last) return piece(from, to);
  const head = piece(from, (first + 1) * cycle);
  const whole = energyInCycle(input, profile, 0, cycle);
  const tail = energyInCycle(input, profile, 0, to - last * cycle);
  return eachReading((reading) => head[reading] + (last - first - 1) * whole[reading] + tail[reading]);
}

/** Energy of the samples `from` to `to` of an input, counted from its beginning. */
function energyInCycle(input: Stretch, profile: LoudnessProfile, from: number, to: number): Record<Reading, number> {
  const energy = (within: Within) => profile.energy(input.from + from, input.from + to, within);
  const whole = {
    from: Math.ceil(input.from / HOP_SAMPLES) * HOP_SAMPLES,
    to: input.to === profile.samples ? input.to : Math.floor(input.to / HOP_SAMPLES) * HOP_SAMPLES,
  };
  const touched = {
    from: from === 0 ? Math.floor(input.from / HOP_SAMPLES) * HOP_SAMPLES : input.from + from,
    to: to === input.to - input.from ? Math.ceil(input.to / HOP_SAMPLES) * HOP_SAMPLES : input.from + to,
  };
  const lowFrom = Math.max(whole.from, input.from + from);
  return {
    expected: energy("evenly"),
    early: energy("at-start"),
    late: energy("at-end"),
    low: profile.energy(lowFrom, Math.max(lowFrom, Math.min(whole.to, input.from + to))),
    high: profile.energy(touched.from, touched.to),
  };
}
