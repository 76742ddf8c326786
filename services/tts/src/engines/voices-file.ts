import { dirname, resolve } from "node:path";
import { parseEntries, type SettingsTerms } from "@polyreel/pipeline/settings";
import { type LexiconSettings, lexiconOf } from "./lexicon-settings.js";
import { type ProviderSettings, providerOf } from "./provider/provider-settings.js";

/** An entry of the file of voices. */
export type VoicesEntry = ProviderSettings | LexiconSettings;

const terms: SettingsTerms = {
  plural: "voice providers",
  singular: "voice provider",
  variable: "POLYREEL_VOICES",
  reader: "speech service",
};

/**
 * Parses the file of voice providers and lexicons: names with their settings. Paths in it are relative to it. Throws
 * PolyreelError `invalid` that names every wrong entry by line; it quotes no values, which may be keys in the wrong place.
 */
export const parseVoices = (file: string, text: string): ReadonlyMap<string, VoicesEntry> =>
  parseEntries<VoicesEntry>(file, text, terms, (name, given, reading) => {
    const entry = reading.fields(given, name);
    return entry.type === "lexicon"
      ? lexiconOf(name, entry, reading)
      : providerOf(name, entry, reading, dirname(resolve(file)));
  });

export const voicesFormat = { terms, parse: parseVoices };
