import { clone } from "@bufbuild/protobuf";
import { type ListVoicesResponse, type VoiceRecipe, VoiceRecipeSchema } from "@polyreel/contract";
import {
  inFirstReading,
  lineSettings,
  sayWords,
  UNLISTED,
  type VoiceListing,
  voiceOf,
  wordsFor,
} from "@polyreel/media/speech";
import { recipeHash } from "@polyreel/parts";
import type { VoiceNeed } from "./needs.js";

/** The voices that lines are planned for, how they say words, and what transcribes recordings, as a speech service lists them. */
export type ListedVoices = Omit<VoiceListing, "failures"> &
  Partial<Pick<ListVoicesResponse, "failures" | "lexicons" | "models" | "transcriber">>;

/** The part that speaks a line. */
export interface VoicePart {
  readonly hash: string;
  readonly recipe: VoiceRecipe;
  /** Of its settings or its voice (BCP 47); empty: unknown. */
  readonly language: string;
}

/**
 * The part that speaks a line with the voices listed: its recipe names the voice and its build, so that an upgraded engine gives
 * new speech, and its text is what is sent to it, so that a changed lexicon gives new speech where it matters. An id names the voice
 * where there is one: its name may change. A voice that is not listed has the build `UNLISTED`; a speech service then states why
 * it cannot speak.
 */
export function voicePart(
  { recipe: stated, lexicon }: Pick<VoiceNeed, "recipe" | "lexicon">,
  listed: ListedVoices,
  take = 0,
): VoicePart {
  const voice = voiceOf(stated, listed);
  const recipe = clone(VoiceRecipeSchema, stated);
  recipe.voice = voice?.id || voice?.name || stated.voice;
  recipe.build = voice ? voice.build : UNLISTED;
  const settings = voice ? lineSettings(stated, voice) : stated.settings;
  if (settings) recipe.settings = settings;
  else delete recipe.settings;
  recipe.text = sayWords(stated.text, [lexicon, ...(voice ? wordsFor(voice, settings, listed.lexicons ?? []) : [])]);
  recipe.take = take;
  const language = settings?.language || voice?.language || "";
  return { hash: recipeHash("voice", VoiceRecipeSchema, recipe), recipe, language };
}

/**
 * The same in the take that `takeOf` gives for the hash of the first one in its first reading, if the voice speaks a text
 * differently each time.
 */
export async function voicePartInTake(
  need: Pick<VoiceNeed, "recipe" | "lexicon">,
  listed: ListedVoices,
  takeOf: (hash: string) => Promise<number>,
): Promise<VoicePart> {
  const first = voicePart(need, listed);
  if (!voiceOf(need.recipe, listed)?.varies) return first;
  const take = await takeOf(recipeHash("voice", VoiceRecipeSchema, inFirstReading(first.recipe)));
  return take === 0 ? first : voicePart(need, listed, take);
}
