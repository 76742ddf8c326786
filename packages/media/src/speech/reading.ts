import { clone } from "@bufbuild/protobuf";
import { type VoiceRecipe, VoiceRecipeSchema } from "@polyreel/contract";

/**
 * Version of how texts are read, lines are cut and their words timed, part of a voice line's recipe: raised by every change of the
 * speech for a text, or of its words.
 */
export const READING = "reading 3";

/** The same for recordings: raised by every change of how they are decoded, or their words found. */
export const RECORDING = "recording 1";

/**
 * The line's recipe in the first reading that spoke with voices of providers. Their speech is not asked for again by a new reading, which
 * makes its part of what is kept for the first one; takes are counted for that one.
 */
export function inFirstReading(line: VoiceRecipe): VoiceRecipe {
  const first = clone(VoiceRecipeSchema, line);
  first.reading = "reading 2";
  return first;
}
