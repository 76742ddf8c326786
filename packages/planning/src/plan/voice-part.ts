import { clone } from "@bufbuild/protobuf";
import { type VoiceRecipe, VoiceRecipeSchema } from "@polyreel/contract";
import { UNLISTED, type VoiceListing, voiceNamed, voiceSettings } from "@polyreel/media/speech";
import { recipeHash } from "@polyreel/parts";
import type { VoiceNeed } from "./needs.js";

/** The voices that lines are planned for, as a speech service lists them. */
export type ListedVoices = Omit<VoiceListing, "failures"> & Partial<VoiceListing>;

/** The part that speaks a line. */
export interface VoicePart {
  readonly hash: string;
  readonly recipe: VoiceRecipe;
  /** Of its settings or its voice (BCP 47); empty: unknown. */
  readonly language: string;
}

/**
 * The part that speaks a line with the voices listed: its recipe names the voice and its build, so that an upgraded engine gives
 * new speech. An id names the voice where there is one: its name may change. A voice that is not listed has the build `UNLISTED`; a speech service then states why it cannot speak.
 */
export function voicePart({ recipe: stated }: Pick<VoiceNeed, "recipe">, listed: ListedVoices, take = 0): VoicePart {
  const voice = voiceNamed(stated.voice, listed);
  const recipe = clone(VoiceRecipeSchema, stated);
  recipe.voice = voice?.id || voice?.name || stated.voice;
  recipe.build = voice ? voice.build : UNLISTED;
  const settings = voice && voiceSettings(stated.settings, voice);
  if (settings) recipe.settings = settings;
  recipe.take = take;
  const language = settings?.language || voice?.language || "";
  return { hash: recipeHash("voice", VoiceRecipeSchema, recipe), recipe, language };
}

/** The same in the take that `takeOf` gives for the hash of the first one, if the voice speaks a text differently each time. */
export async function voicePartInTake(
  need: Pick<VoiceNeed, "recipe">,
  listed: ListedVoices,
  takeOf: (hash: string) => Promise<number>,
): Promise<VoicePart> {
  const first = voicePart(need, listed);
  if (!voiceNamed(need.recipe.voice, listed)?.varies) return first;
  const take = await takeOf(first.hash);
  return take === 0 ? first : voicePart(need, listed, take);
}
