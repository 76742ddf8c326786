import { type PcmIndex, type SoundEvent, type SoundRecipe, SoundRole } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { duck, duckedStretches, type Stretch } from "./ducking.js";
import { levelGainDb } from "./level.js";
import { amplitudeOfDb } from "./loudness.js";
import { LoudnessProfile } from "./loudness-profile.js";
import { SAMPLE_RATE } from "./pcm.js";

/** Where a sound is cut it is faded for so long that it does not click, and so short that it is not heard as a fade. */
const CUT_FADE_SAMPLES = 0.005 * SAMPLE_RATE;
/** A bed fades out where the picture ends. */
const BED_FADE_SAMPLES = 0.5 * SAMPLE_RATE;

/** One sound on the timeline, with everything that is decided about it. Positions and lengths in samples. */
export interface Track {
  /** Position of its event, and so of its input, in the recipe. */
  readonly event: number;
  /** Where it is heard. */
  readonly heard: Stretch;
  /** The stretch of the input; played again and again where `heard` is longer. */
  readonly input: Stretch;
  readonly profile: LoudnessProfile;
  /** Constant part of its gain, as a factor. */
  readonly level: number;
  readonly fadeIn: number;
  readonly fadeOut: number;
  /** Where it is lowered for voices. */
  readonly ducked: readonly Stretch[];
}

/**
 * What is heard when, and how loud. Events whose input has ended before they begin are left out: footage whose sound is
 * shorter than its picture goes on in silence.
 *
 * Throws PolyreelError `invalid` for a voice or a bed without any sound, `internal` for a recipe that does not fit its
 * inputs.
 */
export function tracksOf(recipe: SoundRecipe, inputs: readonly PcmIndex[]): Track[] {
  if (inputs.length !== recipe.events.length) {
    throw new PolyreelError("internal", {
      reason: `A soundtrack of ${recipe.events.length} sounds got ${inputs.length} inputs.`,
    });
  }
  const end = Number(recipe.samples);
  const placed = recipe.events.map((event, i) => place(event, inputs[i] as PcmIndex, end));
  const isHeard = ({ from, to }: Stretch) => from < to;
  const voices = placed.filter((heard, i) => recipe.events[i]?.role === SoundRole.VOICE && isHeard(heard));
  const ducked = duckedStretches(voices);
  return recipe.events.flatMap((event, i) => {
    const heard = placed[i] as Stretch;
    if (!isHeard(heard)) return [];
    return [trackOf(event, i, heard, heard.to === end, inputs[i] as PcmIndex, event.duck ? ducked : [])];
  });
}

function place(event: SoundEvent, index: PcmIndex, end: number): Stretch {
  const from = Number(event.start);
  const available = Number(index.samples) - Number(event.inputStart);
  if (available <= 0 && event.role !== SoundRole.CLIP) {
    throw new PolyreelError("invalid", {
      reason: "There is no sound in what should be heard.",
      remedy: "Use another file, or another text for a voice.",
    });
  }
  const length = event.loop ? Number(event.samples) : Math.min(Number(event.samples), available);
  return { from, to: Math.min(from + length, end) };
}

function trackOf(
  event: SoundEvent,
  i: number,
  heard: Stretch,
  toTheEnd: boolean,
  index: PcmIndex,
  ducked: readonly Stretch[],
): Track {
  const profile = new LoudnessProfile(index);
  const from = Number(event.inputStart);
  const length = heard.to - heard.from;
  const available = profile.samples - from;
  const bed = event.role === SoundRole.BED;
  // A bed is levelled as a whole, so that it sounds alike under pictures of any length; the rest by what is heard of it.
  const loudness = profile.integrated(from, bed ? profile.samples : from + length);
  const gainDb = levelGainDb(loudness, event.role) + (bed ? event.gainDb : 0);
  const cut = length < available || event.loop || event.role === SoundRole.CLIP;
  const fadeOut = bed ? (cut || toTheEnd ? BED_FADE_SAMPLES : 0) : cut ? CUT_FADE_SAMPLES : 0;
  const fadeIn = from > 0 || event.role === SoundRole.CLIP ? CUT_FADE_SAMPLES : 0;
  return {
    event: i,
    heard,
    input: { from, to: from + (event.loop ? available : length) },
    profile,
    level: amplitudeOfDb(gainDb),
    fadeIn: Math.min(fadeIn, length / 2),
    fadeOut: Math.min(fadeOut, length / 2),
    ducked,
  };
}

/** The track's gain as a factor, for each of `count` samples of the timeline from `start` on, all of them heard. */
export function trackGains(track: Track, start: number, count: number): Float32Array {
  const gains = new Float32Array(count).fill(track.level);
  if (track.ducked.length > 0) duck(gains, start, track.ducked);
  const { heard, fadeIn, fadeOut } = track;
  for (let i = 0; i < Math.min(count, heard.from + fadeIn - start); i++) {
    (gains[i] as number) *= (start + i - heard.from + 0.5) / fadeIn;
  }
  for (let i = Math.max(0, Math.floor(heard.to - fadeOut) - start); i < count; i++) {
    (gains[i] as number) *= Math.min(1, (heard.to - start - i - 0.5) / fadeOut);
  }
  return gains;
}
