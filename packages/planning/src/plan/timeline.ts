import { type Format, Overrun, type SpokenWord } from "@polyreel/contract";
import { framesToSamples, secondsToFramesUp } from "@polyreel/media/clip";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import type { Place, UnplacedSound } from "./sound-event.js";
import { startsAfterTheEnd, tooLong, tooShort } from "./timeline-mistakes.js";

/** A clip at its position. */
export interface PlacedClip {
  readonly block: string;
  readonly choice: string;
  /** Order of its block among the video blocks. */
  readonly order: number;
  readonly frames: number;
  /** Frames of its transition to the next clip; 0: a cut. Ignored for the last clip. */
  readonly transitionFrames: number;
  /** Its own sound. Omitted: muted, silent, or a still. */
  readonly sound?: UnplacedSound;
}

/** A line of speech and the silence before it. */
export interface PlacedLine {
  readonly hash: string;
  /** What captions and subtitles show. */
  readonly text: string;
  readonly samples: number;
  /** Of the text; empty if the engine does not report them. */
  readonly words: readonly SpokenWord[];
  /** It is a recording. */
  readonly isRecorded?: boolean;
  /** The words' times are estimates. */
  readonly wordsEstimated?: boolean;
  /** In which it is spoken (BCP 47); empty: unknown. */
  readonly language: string;
  /** Of its text, by language. */
  readonly translations: Readonly<Record<string, string>>;
  readonly pauseSeconds: number;
  readonly sound: UnplacedSound;
}

/** Lines of speech, one after the other. */
export interface PlacedVoice {
  readonly block: string;
  readonly choice: string;
  readonly lines: readonly PlacedLine[];
  /** Order of the video block it starts with. */
  readonly at: number;
  readonly offsetSeconds: number;
  readonly overrun: Overrun;
}

export interface PlacedSound {
  readonly block: string;
  readonly choice: string;
  /** An effect begins with the video block of this order, plus the delay; a bed plays under everything. */
  readonly at: number | undefined;
  readonly delaySeconds: number;
  /** Its length; undefined if it is repeated until the picture ends. */
  readonly samples: number | undefined;
  readonly overrun: Overrun;
  readonly fadeInSeconds: number;
  readonly fadeOutSeconds: number;
  readonly sound: UnplacedSound;
}

/**
 * Position of a clip in the timeline, in frames. Transitions take `fromBefore` of its beginning and `intoNext` of its
 * end.
 */
export interface ClipSpan {
  readonly start: number;
  readonly frames: number;
  readonly fromBefore: number;
  readonly intoNext: number;
}

/** A line of speech at its position, in samples. */
export interface SpokenSpan {
  readonly line: PlacedLine;
  readonly block: string;
  readonly choice: string;
  readonly start: number;
}

export interface Timeline {
  readonly frames: number;
  /** Frames among these for which the last clip's last frame is held. */
  readonly holdFrames: number;
  readonly samples: number;
  /** One for each clip, in order. */
  readonly spans: readonly ClipSpan[];
  readonly spoken: readonly SpokenSpan[];
  readonly events: readonly { readonly sound: UnplacedSound; readonly place: Place }[];
  /** Effects that are cut at the end of the picture without a request for that. */
  readonly cut: readonly { readonly sound: PlacedSound; readonly samples: number }[];
}

/**
 * Computes the timeline: clips follow each other, overlapping in transitions; voices start where they are placed; beds
 * play under everything. Positions of sound are derived from frames counted from the start, so nothing drifts. Throws
 * PolyreelError `invalid` if a voice outlasts the picture without permission, or a transition its clips.
 */
export function timelineOf(
  clips: readonly PlacedClip[],
  voices: readonly PlacedVoice[],
  sounds: readonly PlacedSound[],
  format: Format,
): Timeline {
  const spans = durationsOf(clips);
  const pictureFrames = spans.reduce((end, { start, frames }) => Math.max(end, start + frames), 0);
  const samplesAt = (order: number, seconds: number) =>
    framesToSamples(startOf(order, clips, spans, pictureFrames), format) + Math.round(seconds * SAMPLE_RATE);

  const spoken = voices.map((voice) => linesOf(voice, samplesAt(voice.at, voice.offsetSeconds)));
  const starts = sounds.map(({ at, delaySeconds }) => (at === undefined ? 0 : samplesAt(at, delaySeconds)));
  let frames = pictureFrames;
  for (const [i, { overrun }] of voices.entries()) {
    if (overrun !== Overrun.EXTEND) continue;
    frames = Math.max(frames, secondsToFramesUp(endOf(spoken[i] ?? []) / SAMPLE_RATE, format));
  }
  for (const [i, sound] of sounds.entries()) frames = Math.max(frames, framesHeldFor(sound, starts[i] ?? 0, format));
  const samples = framesToSamples(frames, format);
  const events: Timeline["events"][number][] = [];
  for (const [i, clip] of clips.entries()) {
    const span = spans[i];
    if (clip.sound && span) events.push({ sound: clip.sound, place: placeOf(span, format) });
  }
  for (const [i, voice] of voices.entries()) events.push(...voiceEvents(voice, spoken[i] ?? [], samples));
  const cut: Timeline["cut"][number][] = [];
  for (const [i, sound] of sounds.entries()) {
    const start = starts[i] ?? 0;
    events.push(soundEvent(sound, start, samples));
    const over = overrunOf(sound, start, samples);
    if (over > 0 && sound.at !== undefined && sound.overrun === Overrun.UNSPECIFIED) cut.push({ sound, samples: over });
  }
  return { frames, holdFrames: frames - pictureFrames, samples, spans, spoken: spoken.flat(), events, cut };
}

function durationsOf(clips: readonly PlacedClip[]): ClipSpan[] {
  let start = 0;
  let fromBefore = 0;
  return clips.map((clip, i) => {
    const intoNext = i === clips.length - 1 ? 0 : clip.transitionFrames;
    if (fromBefore + intoNext >= clip.frames && fromBefore + intoNext > 0) throw tooShort(clip, fromBefore + intoNext);
    const span = { start, frames: clip.frames, fromBefore, intoNext };
    start += clip.frames - intoNext;
    fromBefore = intoNext;
    return span;
  });
}

/** Start of a video block in frames; one that is left out begins with the next one. */
function startOf(order: number, clips: readonly PlacedClip[], spans: readonly ClipSpan[], end: number): number {
  const next = clips.findIndex((clip) => clip.order >= order);
  return next < 0 ? end : (spans[next]?.start ?? 0);
}

/** Positions of lines; the first begins after its pause, counted from `from`. */
export function linesOf({ lines, block, choice }: PlacedVoice, from: number): SpokenSpan[] {
  let end = from;
  return lines.map((line) => {
    const start = end + Math.round(line.pauseSeconds * SAMPLE_RATE);
    end = start + line.samples;
    return { line, block, choice, start };
  });
}

export const endOf = (lines: readonly SpokenSpan[]): number =>
  lines.reduce((end, { start, line }) => Math.max(end, start + line.samples), 0);

/** Position of a clip's sound. */
export function placeOf({ start, frames, fromBefore, intoNext }: ClipSpan, format: Format): Place {
  const from = framesToSamples(start, format);
  return {
    start: from,
    samples: framesToSamples(start + frames, format) - from,
    fadeIn: framesToSamples(fromBefore, format),
    fadeOut: framesToSamples(intoNext, format),
  };
}

/** The audible events of a voice in a picture that ends at `end`, in samples. */
export function voiceEvents(
  voice: PlacedVoice,
  lines: readonly SpokenSpan[],
  end: number,
): Timeline["events"][number][] {
  const speechEnd = endOf(lines);
  // Not "too long": that depends on the speech, which is unknown to estimates until it was spoken.
  if (lines[0] && lines[0].start >= end) throw startsAfterTheEnd("voice", voice, lines[0].start, end);
  if (speechEnd > end && voice.overrun !== Overrun.TRIM)
    throw tooLong("voice", voice, lines[0]?.start ?? 0, speechEnd, end);
  return lines
    .filter(({ start }) => start < end)
    .map(({ line, start }) => ({
      sound: line.sound,
      place: { start, samples: Math.min(line.samples, end - start), fadeIn: 0, fadeOut: 0 },
    }));
}

/** Number of frames that the picture needs for a sound that extends it; 0 for others. */
export function framesHeldFor({ overrun, samples }: PlacedSound, start: number, format: Format): number {
  if (overrun !== Overrun.EXTEND || samples === undefined) return 0;
  return secondsToFramesUp((start + samples) / SAMPLE_RATE, format);
}

/** A recording's last samples are encoder padding: this much of an excess is ignored. */
const UNHEARD_SAMPLES = 0.05 * SAMPLE_RATE;

/** How much a sound exceeds a picture that ends at `end`, in samples; 0 if it does not. */
function overrunOf({ samples }: PlacedSound, start: number, end: number): number {
  const over = samples === undefined ? 0 : start + samples - end;
  return over > UNHEARD_SAMPLES ? over : 0;
}

/** The audible event of a bed or an effect from `start` on, in a picture that ends at `end`, in samples. */
export function soundEvent(sound: PlacedSound, start: number, end: number): Timeline["events"][number] {
  if (start >= end) throw startsAfterTheEnd("sound", sound, start, end);
  if (sound.overrun === Overrun.FAIL && overrunOf(sound, start, end) > 0) {
    throw tooLong("sound", sound, start, start + (sound.samples ?? 0), end);
  }
  const place = {
    start,
    samples: end - start,
    fadeIn: Math.round(sound.fadeInSeconds * SAMPLE_RATE),
    fadeOut: Math.round(sound.fadeOutSeconds * SAMPLE_RATE),
  };
  return { sound: sound.sound, place };
}
