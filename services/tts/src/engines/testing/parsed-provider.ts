import type { ProviderSettings } from "../provider/provider-settings.js";
import { parseVoices } from "../voices-file.js";

/** The one entry of a file of voices, which is a provider. */
export function parsedProvider(file: string, text: string): ProviderSettings {
  const [entry] = parseVoices(file, text).values();
  if (!entry || entry.type === "lexicon") throw new Error("There is no provider.");
  return entry;
}
