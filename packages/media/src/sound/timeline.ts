import { type PcmIndex, type SoundEvent, type SoundRecipe, SoundRole } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { duck, duckedStretches, rampedOver, type Stretch } from "./ducking.js";
import { type Fade, fade } from "./fades.js";
import { effectLoudness, levelGainDb } from "./level.js";
import { amplitudeOfDb } from "./loudness.js";
import { LoudnessProfile } from "./loudness-profile.js";
import { SAMPLE_RATE } from "./pcm.js";

/** Fade wherever a sound is cut: long enough to avoid a click, too short to be heard as a fade. */
const CUT_FADE_SAMPLES = 0.005 * SAMPLE_RATE;

/** A sound on the timeline, with all decisions about it. Positions and lengths in samples. */
export interface Track {
  /** Index of its event, and so of its input, in the recipe. */
  readonly event: number;
  /** Where it is audible. */
  readonly audible: Stretch;
  /** The stretch of the input; repeated if `audible` is longer. */
  readonly input: Stretch;
  readonly profile: LoudnessProfile;
  /** Constant part of its gain, as a factor. */
  readonly level: number;
  readonly fades: readonly Fade[];
  /** Where it is lowered for voices. */
  readonly ducked: readonly Stretch[];
}

/**
 * Decides when each event is audible, and how loud. Events whose input has ended before they begin are left out: footage
 * whose sound is shorter than its picture continues in silence.
 *
 * Throws PolyreelError `invalid` for a voice, a bed or an effect without any sound, `internal` for a recipe that does
 * not fit its inputs.
 */
export function tracksOf(recipe: SoundRecipe, inputs: readonly PcmIndex[]): Track[] {
  if (inputs.length !== recipe.events.length) {
    throw new PolyreelError("internal", {
      reason: `A soundtrack of ${recipe.events.length} sounds got ${inputs.length} inputs.`,
    });
  }
  const end = Number(recipe.samples);
  const placed = recipe.events.map((event, i) => place(event, inputs[i] as PcmIndex, end));
  const isAudible = ({ from, to }: Stretch) => from < to;
  const voices = placed.filter((audible, i) => recipe.events[i]?.role === SoundRole.VOICE && isAudible(audible));
  const ducked = duckedStretches(voices);
  return recipe.events.flatMap((event, i) => {
    const audible = placed[i] as Stretch;
    if (!isAudible(audible)) return [];
    const lowered = event.role === SoundRole.BED && event.duck ? ducked : [];
    return [trackOf(event, i, audible, inputs[i] as PcmIndex, lowered)];
  });
}

function place(event: SoundEvent, index: PcmIndex, end: number): Stretch {
  const from = Number(event.start);
  requireSound(event, index);
  const available = Number(index.samples) - Number(event.inputStart);
  const length = event.loop ? Number(event.samples) : Math.min(Number(event.samples), available);
  return { from, to: Math.min(from + length, end) };
}

/** Throws PolyreelError `invalid` if an event's input ends before it would begin. Footage may: its picture continues. */
export function requireSound(event: SoundEvent, index: PcmIndex): void {
  if (event.inputStart < index.samples || event.role === SoundRole.CLIP) return;
  throw new PolyreelError("invalid", {
    reason: "The selected stretch has no sound.",
    remedy: "Use another file, a smaller offset into it, or another text for a voice.",
  });
}

function trackOf(event: SoundEvent, i: number, audible: Stretch, index: PcmIndex, ducked: readonly Stretch[]): Track {
  const profile = new LoudnessProfile(index);
  const from = Number(event.inputStart);
  const length = audible.to - audible.from;
  const available = profile.samples - from;
  const gainDb = levelGainDb(loudnessOf(event.role, profile, from, length), event.role) + event.gainDb;
  return {
    event: i,
    audible,
    input: { from, to: from + (event.loop ? available : length) },
    profile,
    level: amplitudeOfDb(gainDb),
    fades: fadesOf(event, audible, length < available || event.loop),
    ducked,
  };
}

/** A bed or an effect is levelled as a whole, so that it sounds the same wherever it ends; others by their audible part. */
function loudnessOf(role: SoundRole, profile: LoudnessProfile, from: number, length: number): number {
  if (role === SoundRole.EFFECT) return effectLoudness(profile, from);
  return profile.integrated(from, role === SoundRole.BED ? profile.samples : from + length);
}

/**
 * The requested fades, and short ones wherever else a sound is cut. Those of clips are at the ends of their event, even
 * if the footage's sound has ended before, because the next clip's fade is there. The others are where the sound is
 * audible.
 */
function fadesOf(event: SoundEvent, audible: Stretch, cutAtEnd: boolean): Fade[] {
  const clip = event.role === SoundRole.CLIP;
  const curve = clip ? "equal-power" : "linear";
  const start = clip ? Number(event.start) : audible.from;
  const end = clip ? Number(event.start + event.samples) : audible.to;
  const short = Math.min(CUT_FADE_SAMPLES, (audible.to - audible.from) / 2);
  const fades: Fade[] = [];
  if (event.fadeIn > 0n) fades.push({ silentAt: start, fullAt: start + Number(event.fadeIn), curve });
  else if (clip || event.inputStart > 0n) {
    fades.push({ silentAt: audible.from, fullAt: audible.from + short, curve: "linear" });
  }
  if (event.fadeOut > 0n) fades.push({ silentAt: end, fullAt: end - Number(event.fadeOut), curve });
  if ((clip || cutAtEnd) && (event.fadeOut === 0n || audible.to < end)) {
    fades.push({ silentAt: audible.to, fullAt: audible.to - short, curve: "linear" });
  }
  return fades;
}

/**
 * The track's gain as a factor if it is constant from sample `from` of the timeline to `to`, which it is most of the
 * time.
 */
export function steadyGain({ level, ducked, fades }: Track, from: number, to: number): number | undefined {
  const touched = (stretch: Stretch) => stretch.from < to && stretch.to > from;
  const fading = ({ silentAt, fullAt }: Fade) =>
    touched({ from: Math.min(silentAt, fullAt), to: Math.max(silentAt, fullAt) });
  const changes = fades.some(fading) || ducked.some((stretch) => touched(rampedOver(stretch)));
  return changes ? undefined : Math.fround(level); // A Float32, as in a list of gains.
}

/**
 * The track's gain as a factor: `count` values, each for `step` samples of the timeline from sample `start` on, all of
 * them audible.
 */
export function trackGains(track: Track, start: number, count: number, step = 1): Float32Array {
  const gains = new Float32Array(count).fill(track.level);
  if (track.ducked.length > 0) duck(gains, start, step, track.ducked);
  for (const change of track.fades) fade(gains, start, step, change);
  return gains;
}
