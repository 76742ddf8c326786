import { create } from "@bufbuild/protobuf";
import { type Recording, RecordingSchema, type Trim, VoiceRecipeSchema } from "@polyreel/contract";
import { type Probe, soundTrack } from "@polyreel/media/probe";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { recipeHash } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import { at, probed } from "./choose.js";
import type { VoiceNeed } from "./needs.js";
import type { RecordingNeed } from "./recorded-line.js";
import { type Knowledge, known } from "./resolved-inputs.js";
import { inSeconds, secondsOf } from "./stretch.js";
import type { VoicePart } from "./voice-part.js";

/** A line that is recorded instead of spoken by a voice. */
export type RecordedNeed = VoiceNeed & { readonly recording: RecordingNeed };

export const isRecorded = (need: VoiceNeed): need is RecordedNeed => need.recording !== undefined;

/** Recordings are speech of an advert or a film, not of a day. */
const MAX_SECONDS = 3600;
/** Lengths in headers are rounded. */
const ROUNDING_SECONDS = 0.05;

/** A recorded line's part, and its length as its file states it. */
export interface RecordingPart extends VoicePart {
  readonly seconds: number;
}

/**
 * The part of a recorded line whose sources are known. `transcriber`: build of the service that finds the words of
 * recordings; empty: none. Throws PolyreelError `invalid` that names the source.
 */
export function recordingPart(
  { recipe: stated, recording: { source, words, track, trim }, origin }: RecordedNeed,
  knowledge: Pick<Knowledge, "source">,
  transcriber: string,
): RecordingPart {
  const recorded = at(origin, [source], () => {
    const { sha256, probe } = probed(knowledge, source);
    return { sourceSha256: sha256, track, ...stretchOf(probe, track, trim) };
  });
  const wordsSha256 = words && at(origin, [words], () => known(knowledge.source(words)).sha256);
  const { seconds, ...stretch } = recorded;
  const recording: Recording = create(RecordingSchema, {
    ...stretch,
    ...(wordsSha256 === undefined ? { transcriber } : { wordsSha256 }),
  });
  const recipe = create(VoiceRecipeSchema, { ...stated, recording });
  return { hash: recipeHash("voice", VoiceRecipeSchema, recipe), recipe, language: "", seconds };
}

function stretchOf(
  probe: Probe,
  track: number,
  trim: Trim | undefined,
): { seconds: number; start: bigint; samples: bigint } {
  const { durationSeconds: whole } = soundTrack(probe, track);
  const start = trim?.last ? Math.max(0, whole - secondsOf(trim.last)) : secondsOf(trim?.start);
  if (start > 0 && start >= whole) {
    throw new PolyreelError("invalid", {
      field: "trim.start",
      reason: `The trim starts at ${inSeconds(start)}, but the recording is only ${inSeconds(whole)} long.`,
      remedy: "Start earlier.",
    });
  }
  const asked = trim?.duration && secondsOf(trim.duration);
  if (asked !== undefined && start + asked > whole + ROUNDING_SECONDS) {
    throw new PolyreelError("invalid", {
      field: "trim.duration",
      reason: `The trim asks for ${inSeconds(asked)} from ${inSeconds(start)} on, but the recording is only ${inSeconds(whole)} long.`,
      remedy: "Shorten the trim, or leave its duration out.",
    });
  }
  const seconds = asked ?? whole - start;
  if (seconds > MAX_SECONDS) {
    throw new PolyreelError("invalid", {
      field: "source",
      reason: `The recording is ${inSeconds(seconds)} long; a voice can speak for an hour at most.`,
      remedy: "Shorten it with trim, or give it as the sound of an audio block.",
    });
  }
  const toSamples = (from: number) => BigInt(Math.round(from * SAMPLE_RATE));
  return { seconds, start: toSamples(start), samples: asked === undefined ? 0n : toSamples(asked) };
}
