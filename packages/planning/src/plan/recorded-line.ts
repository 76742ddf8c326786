import { hash } from "node:crypto";
import { create, toJsonString } from "@bufbuild/protobuf";
import {
  type Source,
  type Trim,
  TrimSchema,
  type VoiceLine,
  type VoiceRecipe,
  VoiceRecipeSchema,
} from "@polyreel/contract";
import { RECORDING } from "@polyreel/media/speech";
import { recipeHash } from "@polyreel/parts";
import { type SourceNeed, sourceKey, sourceNeed } from "./source-needs.js";

/** The stretch of a source that is a line's recording. */
export interface RecordingNeed {
  readonly source: SourceNeed;
  /** The file with the times of its words. */
  readonly words: SourceNeed | undefined;
  /** From 1; 0: the default one. */
  readonly track: number;
  readonly trim: Trim | undefined;
}

export interface RecordedLine {
  /** Hash of all that the batch states of it. */
  readonly line: string;
  /** Has its text; what is recorded is known when its sources are. */
  readonly recipe: VoiceRecipe;
  readonly recording: RecordingNeed;
}

/** A line with a recording; undefined if one of its sources cannot be read. */
export function recordedLine(
  { source, words, text, track, trim }: Pick<VoiceLine, "words" | "text" | "track" | "trim"> & { source: Source },
  place: { block: string; choice: string },
): RecordedLine | undefined {
  const sound = sourceNeed(source, place, "media");
  const times = words && sourceNeed(words, place, "text");
  if (!sound || (words && !times)) return undefined;
  const recipe = create(VoiceRecipeSchema, { text: text.trim(), reading: RECORDING });
  const stated = [
    ...[recipeHash("voice", VoiceRecipeSchema, recipe), sourceKey(sound), times ? sourceKey(times) : ""],
    ...[String(track), trim ? toJsonString(TrimSchema, trim) : ""],
  ];
  const line = hash("sha256", `recording\n${stated.join("\n")}`);
  return { line, recipe, recording: { source: sound, words: times, track, trim } };
}
