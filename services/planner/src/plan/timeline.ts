import { create } from "@bufbuild/protobuf";
import {
  type Format,
  type Origin,
  Overrun,
  type SoundEvent,
  SoundEventSchema,
  SoundRole,
  type SpokenWord,
} from "@polyreel/contract";
import { framesToSamples, secondsToFramesUp } from "@polyreel/media/clip/format.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { inSeconds } from "./stretch.js";

const SAMPLE_RATE = 48_000;

/** A clip in its place. */
export interface PlacedClip {
  readonly block: string;
  readonly choice: string;
  readonly frames: number;
  /** Over how many frames it goes over into the next clip; 0: a cut. Of the last clip it means nothing. */
  readonly transitionFrames: number;
  /** Where its own sound is to be heard: the source, and where in it. Left out: muted, silent, or a still. */
  readonly sound?: {
    readonly sha256: string;
    readonly startSeconds: number;
    readonly gainDb: number;
    readonly origin: Origin;
  };
}

/** A line of speech and the silence before it. */
export interface PlacedLine {
  readonly hash: string;
  readonly text: string;
  readonly samples: number;
  /** Empty where the engine does not tell them. */
  readonly words: readonly SpokenWord[];
  readonly pauseSeconds: number;
}

/** Lines of speech, one after the other. */
export interface PlacedVoice {
  readonly lines: readonly PlacedLine[];
  readonly at: string;
  readonly offsetSeconds: number;
  readonly overrun: Overrun;
  readonly origin: Origin;
}

export interface PlacedSound {
  readonly sha256: string;
  /** An effect begins with this video block, plus the delay; a bed lies under everything. */
  readonly at: string;
  readonly delaySeconds: number;
  readonly offsetSeconds: number;
  readonly gainDb: number;
  readonly duck: boolean;
  readonly loop: boolean;
  readonly fadeInSeconds: number;
  readonly fadeOutSeconds: number;
  readonly origin: Origin;
}

/** Where a clip lies in the timeline, in frames. Transitions take `fromBefore` of its beginning and `intoNext` of its end. */
export interface ClipSpan {
  readonly start: number;
  readonly frames: number;
  readonly fromBefore: number;
  readonly intoNext: number;
}

/** A line of speech in its place, in samples. */
export interface SpokenSpan extends Pick<PlacedLine, "text" | "words"> {
  readonly hash: string;
  readonly block: string;
  readonly start: number;
  readonly samples: number;
}

export interface Timeline {
  readonly frames: number;
  /** For how many of these the last clip's last frame is held. */
  readonly holdFrames: number;
  readonly samples: number;
  /** One for each clip, in order. */
  readonly spans: readonly ClipSpan[];
  readonly spoken: readonly SpokenSpan[];
  readonly events: readonly { readonly event: SoundEvent; readonly origin: Origin }[];
}

/**
 * What is heard and seen when: clips follow each other, overlapping where a transition joins them; voices start where they
 * are put; beds lie under everything. Positions of sound are taken from frames counted from the start, so nothing drifts.
 * Throws PolyreelError `invalid` where a voice is longer than the picture and may not be, or a transition than its clips.
 */
export function timelineOf(
  clips: readonly PlacedClip[],
  voices: readonly PlacedVoice[],
  sounds: readonly PlacedSound[],
  /** Video blocks in order, also those left out here: voices may start with them. */
  blocks: readonly string[],
  format: Format,
): Timeline {
  const spans = spansOf(clips);
  const pictureFrames = spans.reduce((end, { start, frames }) => Math.max(end, start + frames), 0);
  const startOf = startsOf(clips, spans, blocks, pictureFrames);
  const samplesAt = (block: string, seconds: number) =>
    framesToSamples(startOf(block), format) + Math.round(seconds * SAMPLE_RATE);

  const spoken = voices.map((voice) => linesOf(voice, samplesAt(voice.at, voice.offsetSeconds)));
  const held = voices.map(({ overrun }, i) =>
    overrun === Overrun.EXTEND ? secondsToFramesUp(endOf(spoken[i] ?? []) / SAMPLE_RATE, format) : 0,
  );
  const frames = Math.max(pictureFrames, ...held);
  const samples = framesToSamples(frames, format);
  return {
    frames,
    holdFrames: frames - pictureFrames,
    samples,
    spans,
    spoken: spoken.flat(),
    events: [
      ...clips.flatMap((clip, i) => clipEvent(clip, spans[i], format)),
      ...voices.flatMap((voice, i) => voiceEvents(voice, spoken[i] ?? [], samples)),
      ...sounds.map((sound) => soundEvent(sound, sound.at ? samplesAt(sound.at, sound.delaySeconds) : 0, samples)),
    ],
  };
}

function spansOf(clips: readonly PlacedClip[]): ClipSpan[] {
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

/** Where each video block begins, in frames; one that is left out begins where the next one does. */
function startsOf(
  clips: readonly PlacedClip[],
  spans: readonly ClipSpan[],
  blocks: readonly string[],
  end: number,
): (block: string) => number {
  return (block) => {
    const order = blocks.indexOf(block);
    const next = clips.findIndex((clip) => blocks.indexOf(clip.block) >= order);
    return next < 0 ? end : (spans[next]?.start ?? 0);
  };
}

function linesOf({ lines, origin }: PlacedVoice, from: number): SpokenSpan[] {
  let start = from;
  return lines.map(({ hash, text, words, samples, pauseSeconds }) => {
    const begin = start + Math.round(pauseSeconds * SAMPLE_RATE);
    start = begin + samples;
    return { hash, text, words, block: origin.block, start: begin, samples };
  });
}

const endOf = (lines: readonly SpokenSpan[]): number =>
  lines.reduce((end, line) => Math.max(end, line.start + line.samples), 0);

function clipEvent({ sound }: PlacedClip, span: ClipSpan | undefined, format: Format): Timeline["events"][number][] {
  if (!sound || !span) return [];
  const at = (frames: number) => framesToSamples(frames, format);
  const start = at(span.start);
  const event = create(SoundEventSchema, {
    input: { case: "sourceSha256", value: sound.sha256 },
    role: SoundRole.CLIP,
    inputStart: BigInt(Math.round(sound.startSeconds * SAMPLE_RATE)),
    start: BigInt(start),
    samples: BigInt(at(span.start + span.frames) - start),
    gainDb: sound.gainDb,
    fadeIn: BigInt(at(span.fromBefore)),
    fadeOut: BigInt(at(span.intoNext)),
  });
  return [{ event, origin: sound.origin }];
}

function voiceEvents(voice: PlacedVoice, lines: readonly SpokenSpan[], end: number): Timeline["events"][number][] {
  const speechEnd = endOf(lines);
  if (speechEnd > end && voice.overrun !== Overrun.TRIM) throw tooLong(voice, lines[0]?.start ?? 0, speechEnd, end);
  if (lines[0] && lines[0].start >= end) throw startsAfterTheEnd("voice", voice.origin, lines[0].start, end);
  return lines
    .filter(({ start }) => start < end)
    .map(({ hash, start, samples }) => ({
      origin: voice.origin,
      event: create(SoundEventSchema, {
        input: { case: "voiceHash", value: hash },
        role: SoundRole.VOICE,
        start: BigInt(start),
        samples: BigInt(Math.min(samples, end - start)),
      }),
    }));
}

function soundEvent(sound: PlacedSound, start: number, end: number): Timeline["events"][number] {
  if (start >= end) throw startsAfterTheEnd("sound", sound.origin, start, end);
  const event = create(SoundEventSchema, {
    input: { case: "sourceSha256", value: sound.sha256 },
    role: sound.at ? SoundRole.EFFECT : SoundRole.BED,
    inputStart: BigInt(Math.round(sound.offsetSeconds * SAMPLE_RATE)),
    start: BigInt(start),
    samples: BigInt(end - start),
    gainDb: sound.gainDb,
    duck: sound.duck,
    loop: sound.loop,
    fadeIn: BigInt(Math.round(sound.fadeInSeconds * SAMPLE_RATE)),
    fadeOut: BigInt(Math.round(sound.fadeOutSeconds * SAMPLE_RATE)),
  });
  return { event, origin: sound.origin };
}

const seconds = (samples: number): string => inSeconds(samples / SAMPLE_RATE);

function tooShort({ block, choice, frames }: PlacedClip, taken: number): PolyreelError {
  return new PolyreelError("invalid", {
    block,
    choice,
    reason: `Its transitions take ${taken} frames, but it has only ${frames}.`,
    remedy: "Make the transitions shorter, or the clip longer.",
  });
}

function tooLong({ origin }: PlacedVoice, start: number, speechEnd: number, end: number): PolyreelError {
  return new PolyreelError("invalid", {
    block: origin.block,
    choice: origin.choice,
    reason: `The voice speaks for ${seconds(speechEnd - start)} from ${seconds(start)} on, ${seconds(speechEnd - end)} longer than the picture, which ends at ${seconds(end)}.`,
    remedy:
      "Shorten the text, or say overrun: TRIM (the voice ends with the picture) or EXTEND (the last frame is held).",
  });
}

function startsAfterTheEnd(what: string, origin: Origin, start: number, end: number): PolyreelError {
  return new PolyreelError("invalid", {
    block: origin.block,
    choice: origin.choice,
    reason: `The ${what} would start at ${seconds(start)}, after the picture has ended at ${seconds(end)}.`,
    remedy: "Make the offset smaller, or the picture longer.",
  });
}
