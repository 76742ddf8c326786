import type { SpeechModel, Voice, VoiceRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { quote } from "@polyreel/spec";

type Line = Pick<VoiceRecipe, "text" | "settings">;

/**
 * The error of a line whose model the voice's provider does not have, or that is too long for it, or in a language that it does not
 * speak; undefined for others, and where the models are not known.
 *
 * @param settings the line's with those of the voice
 */
export function modelFault(
  { text, settings }: Line,
  voice: Pick<Voice, "name" | "engine">,
  models: readonly SpeechModel[],
): PolyreelError | undefined {
  const own = models.filter(({ engine }) => engine === voice.engine);
  if (own.length === 0) return undefined;
  const name = settings?.model ?? "";
  const model = own.find((one) => one.name === name) ?? own.find((one) => one.name === "");
  if (!model) return noModel(voice.engine, name, own);
  return tooLong(text, voice.name, name, model) ?? foreign(settings?.language ?? "", voice.name, name, model);
}

const noModel = (provider: string, name: string, models: readonly SpeechModel[]): PolyreelError =>
  new PolyreelError("invalid", {
    field: "settings.model",
    reason: `The voice provider ${quote(provider)} has no model ${quote(name)} that speaks.`,
    remedy: `Its models are ${models.map((one) => quote(one.name)).join(", ")}.`,
  });

function tooLong(
  text: string,
  voice: string,
  model: string,
  { maxCharacters }: SpeechModel,
): PolyreelError | undefined {
  const { length } = [...text];
  if (maxCharacters === 0n || length <= maxCharacters) return undefined;
  return new PolyreelError("invalid", {
    field: "text",
    reason: `The text has ${length} characters, and the model ${quote(model)} of the voice ${quote(voice)} speaks at most ${maxCharacters}.`,
    remedy: "Divide the text into several lines with next, or choose a model for longer texts.",
  });
}

function foreign(tag: string, voice: string, model: string, { languages }: SpeechModel): PolyreelError | undefined {
  const language = primary(tag);
  if (!language || languages.length === 0 || languages.some((one) => primary(one) === language)) return undefined;
  return new PolyreelError("invalid", {
    field: "settings.language",
    reason: `The model ${quote(model)} of the voice ${quote(voice)} does not speak ${quote(tag)}.`,
    remedy: `Choose another model, or one of its languages: ${languages.join(", ")}.`,
  });
}

/** "en" of "en-US". */
const primary = (tag: string): string => tag.toLowerCase().split("-")[0] ?? "";
