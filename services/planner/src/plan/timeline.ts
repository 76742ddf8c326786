import { create } from "@bufbuild/protobuf";
import { type Format, type Origin, Overrun, type SoundEvent, SoundEventSchema, SoundRole } from "@polyreel/contract";
import { framesToSamples, framesToSeconds, secondsToFramesUp } from "@polyreel/media/clip/format.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { inSeconds } from "./stretch.js";

const SAMPLE_RATE = 48_000;

/** A clip in its place. */
export interface PlacedClip {
  readonly block: string;
  readonly frames: number;
  /** Where its own sound is to be heard: the source, and where in it. Left out: muted, silent, or a still. */
  readonly sound?: { readonly sha256: string; readonly startSeconds: number; readonly origin: Origin };
}

export interface PlacedVoice {
  readonly hash: string;
  readonly samples: number;
  readonly at: string;
  readonly offsetSeconds: number;
  readonly overrun: Overrun;
  readonly origin: Origin;
}

export interface PlacedBed {
  readonly sha256: string;
  readonly gainDb: number;
  readonly duck: boolean;
  readonly loop: boolean;
  readonly origin: Origin;
}

export interface Timeline {
  readonly frames: number;
  /** For how many of these the last clip's last frame is held. */
  readonly holdFrames: number;
  readonly samples: number;
  readonly events: readonly { readonly event: SoundEvent; readonly origin: Origin }[];
}

/**
 * What is heard and seen when: clips follow each other, voices start where they are put, beds lie under everything.
 * Positions of sound are taken from frames counted from the start, so nothing drifts. Throws PolyreelError `invalid` where
 * a voice is longer than the picture and may not be.
 */
export function timelineOf(
  clips: readonly PlacedClip[],
  voices: readonly PlacedVoice[],
  beds: readonly PlacedBed[],
  format: Format,
): Timeline {
  const starts = new Map<string, number>();
  let pictureFrames = 0;
  for (const { block, frames } of clips) {
    starts.set(block, pictureFrames);
    pictureFrames += frames;
  }
  const startOf = ({ at, offsetSeconds }: PlacedVoice) =>
    framesToSamples(starts.get(at) ?? 0, format) + Math.round(offsetSeconds * SAMPLE_RATE);

  const frames = Math.max(pictureFrames, ...voices.map((voice) => framesNeeded(voice, startOf(voice), format)));
  const samples = framesToSamples(frames, format);
  const events: { event: SoundEvent; origin: Origin }[] = [];

  for (const { block, frames: length, sound } of clips) {
    if (!sound) continue;
    const from = starts.get(block) ?? 0;
    const start = framesToSamples(from, format);
    events.push({
      origin: sound.origin,
      event: create(SoundEventSchema, {
        input: { case: "sourceSha256", value: sound.sha256 },
        role: SoundRole.CLIP,
        inputStart: BigInt(Math.round(sound.startSeconds * SAMPLE_RATE)),
        start: BigInt(start),
        samples: BigInt(framesToSamples(from + length, format) - start),
      }),
    });
  }
  for (const voice of voices) {
    const start = startOf(voice);
    const length = Math.min(voice.samples, samples - start);
    if (length < voice.samples && voice.overrun !== Overrun.TRIM) throw tooLong(voice, start, samples);
    if (length <= 0) throw startsAfterTheEnd(voice, start, samples);
    events.push({
      origin: voice.origin,
      event: create(SoundEventSchema, {
        input: { case: "voiceHash", value: voice.hash },
        role: SoundRole.VOICE,
        start: BigInt(start),
        samples: BigInt(length),
      }),
    });
  }
  for (const { sha256, gainDb, duck, loop, origin } of beds) {
    events.push({
      origin,
      event: create(SoundEventSchema, {
        input: { case: "sourceSha256", value: sha256 },
        role: SoundRole.BED,
        samples: BigInt(samples),
        gainDb,
        duck,
        loop,
      }),
    });
  }
  return { frames, holdFrames: frames - pictureFrames, samples, events };
}

/** Frames until an extending voice has ended; 0 for the others. */
function framesNeeded(voice: PlacedVoice, start: number, format: Format): number {
  return voice.overrun === Overrun.EXTEND ? secondsToFramesUp((start + voice.samples) / SAMPLE_RATE, format) : 0;
}

function tooLong({ samples, origin }: PlacedVoice, start: number, end: number): PolyreelError {
  const seconds = (count: number) => inSeconds(count / SAMPLE_RATE);
  return new PolyreelError("invalid", {
    block: origin.block,
    choice: origin.choice,
    reason: `The voice speaks for ${seconds(samples)} from ${seconds(start)} on, ${seconds(start + samples - end)} longer than the picture, which ends at ${seconds(end)}.`,
    remedy:
      "Shorten the text, or say overrun: TRIM (the voice ends with the picture) or EXTEND (the last frame is held).",
  });
}

function startsAfterTheEnd({ origin }: PlacedVoice, start: number, end: number): PolyreelError {
  return new PolyreelError("invalid", {
    block: origin.block,
    choice: origin.choice,
    field: "offset",
    reason: `The voice would start at ${inSeconds(start / SAMPLE_RATE)}, after the picture has ended at ${inSeconds(end / SAMPLE_RATE)}.`,
    remedy: "Make the offset smaller, or say overrun: EXTEND.",
  });
}

/** How long a timeline is, in seconds. */
export const timelineSeconds = ({ frames }: Timeline, format: Format): number => framesToSeconds(frames, format);
