import { create } from "@bufbuild/protobuf";
import { type VoiceSettings, VoiceSettingsSchema } from "@polyreel/contract";
import { MULTILINGUAL } from "@polyreel/media/speech";
import type { Credentials, Fields, SettingsReading } from "@polyreel/pipeline/settings";

/** A voice as the operator's file has it. */
export interface ConfiguredVoice {
  readonly name: string;
  /** The provider's id; its name by default. */
  readonly id: string;
  /** BCP 47; "mul" by default. */
  readonly language: string;
  readonly gender: "female" | "male" | "";
  /** Of lines that state none. */
  readonly settings: VoiceSettings;
}

/** A provider of speech as the operator configured it. */
export interface ProviderSettings {
  readonly name: string;
  readonly type: "elevenlabs" | "openai";
  /** Tenants that may use it; undefined: all. */
  readonly tenants: readonly string[] | undefined;
  /** Address of its API, without a slash at the end. */
  readonly endpoint: string;
  /** The key; undefined for a server without one. */
  readonly credentials: Credentials | undefined;
  /** Model of lines that state none. */
  readonly model: string;
  /** Model that finds the words of recordings; empty: it does not. */
  readonly transcriptionModel: string;
  /** Requests at the same time, of all speech services together. */
  readonly concurrency: number;
  /** Characters of one line; the provider's own limits where it lists them. */
  readonly charactersPerLine: number;
  /** Characters that one batch may use; 0: they cost nothing. */
  readonly charactersPerBatch: number;
  /** Characters that one tenant may use in a calendar month (UTC); may be infinite. */
  readonly charactersPerMonth: number;
  /** Only these are offered; all of the account where it is empty. */
  readonly voices: readonly ConfiguredVoice[];
}

/** A provider's defaults. */
const DEFAULTS = {
  elevenlabs: {
    ...{ endpoint: "https://api.elevenlabs.io", model: "eleven_multilingual_v2", concurrency: 2 },
    charactersPerLine: Number.POSITIVE_INFINITY,
  },
  openai: {
    ...{ endpoint: "https://api.openai.com/v1", model: "gpt-4o-mini-tts", concurrency: 4 },
    charactersPerLine: 4096,
  },
} as const;

/** A film's script has fewer; more is rather a mistake. */
const CHARACTERS_PER_BATCH = 100_000;
const MAX_CONCURRENCY = 1_000;
/** Names of engines that are no providers. */
const TAKEN = ["piper", "flite", "espeak-ng", "command"];

const FIELDS = ["type", "tenants", "endpoint", "credentials", "model", "transcriptionModel", "concurrency", "voices"];
const LIMITS = ["charactersPerLine", "charactersPerBatch", "charactersPerMonth"];
const VOICE_FIELDS = ["id", "language", "gender", "model", "stability", "similarity", "style", "seed"];

const ADDRESS = /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/;
const TOKEN = /^[\w.:/-]{1,100}$/;
/** BCP 47. */
export const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;
const VOICE_NAME = /^[^\p{C}]{1,100}$/u;

/** Reads an entry of the file of voices; paths in it are relative to `home`. */
export function providerOf(
  name: string,
  given: unknown,
  reading: SettingsReading,
  home: string,
): ProviderSettings | undefined {
  const entry = reading.fields(given, name);
  if (TAKEN.includes(name)) reading.refuse(name, "An engine has this name already.", "Give it another name.");
  const type = reading.oneOf(entry.type, `${name}.type`, ["elevenlabs", "openai", "lexicon"] as const);
  if (!type || type === "lexicon") return undefined;
  reading.known(entry, name, [...FIELDS, ...LIMITS]);
  const defaults = DEFAULTS[type];
  const text = (field: string, pattern: RegExp, remedy: string, otherwise: string) =>
    entry[field] === undefined ? otherwise : (reading.text(entry[field], `${name}.${field}`, pattern, remedy) ?? "");
  const number = (field: string, most: number, otherwise: number) =>
    entry[field] === undefined ? otherwise : whole(entry[field], `${name}.${field}`, most, reading);
  const isFree = type === "openai" && entry.credentials === undefined;
  const voices = voicesOf(entry.voices, `${name}.voices`, reading);
  const transcriptionModel = text("transcriptionModel", TOKEN, "Write the name of a model.", "");
  if (type === "elevenlabs" && transcriptionModel !== "") {
    reading.refuse(
      `${name}.transcriptionModel`,
      "This type does not transcribe.",
      "Give it to an entry of type openai.",
    );
  }
  if (type === "openai" && voices.length === 0 && transcriptionModel === "") {
    reading.refuse(
      `${name}.voices`,
      "It has no voices.",
      "Name them, as in voices: {alloy: {}}: the server lists none.",
    );
  }
  const tenants = reading.tenants(entry.tenants, `${name}.tenants`);
  return {
    ...{ name, type, voices, tenants },
    endpoint: text("endpoint", ADDRESS, "Write it as in https://api.example/v1.", defaults.endpoint).replace(
      /\/+$/,
      "",
    ),
    credentials: isFree ? undefined : reading.credentials(entry.credentials, `${name}.credentials`, { home, tenants }),
    model: text("model", TOKEN, "Write the name of a model.", defaults.model),
    transcriptionModel,
    concurrency: number("concurrency", MAX_CONCURRENCY, defaults.concurrency),
    charactersPerLine: number("charactersPerLine", Number.MAX_SAFE_INTEGER, defaults.charactersPerLine),
    charactersPerBatch: number("charactersPerBatch", Number.MAX_SAFE_INTEGER, isFree ? 0 : CHARACTERS_PER_BATCH),
    charactersPerMonth: number("charactersPerMonth", Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY),
  };
}

const whole = (value: unknown, path: string, most: number, reading: SettingsReading): number => {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  reading.refuse(path, "It can't be that.", `Write a whole number from 1 to ${most}.`);
  return 1;
};

function voicesOf(given: unknown, path: string, reading: SettingsReading): ConfiguredVoice[] {
  if (given === undefined) return [];
  return Object.entries(reading.fields(given, path)).map(([name, entry]) => {
    const at = `${path}.${name}`;
    if (!VOICE_NAME.test(name))
      reading.refuse(at, "A voice can't have this name.", "Use up to 100 visible characters.");
    return voiceOf(name, reading.fields(entry, at), at, reading);
  });
}

function voiceOf(name: string, entry: Fields, at: string, reading: SettingsReading): ConfiguredVoice {
  reading.known(entry, at, VOICE_FIELDS);
  const optional = (field: string, pattern: RegExp, remedy: string) =>
    entry[field] === undefined ? "" : (reading.text(entry[field], `${at}.${field}`, pattern, remedy) ?? "");
  const settings = create(VoiceSettingsSchema, { model: optional("model", TOKEN, "Write the name of a model.") });
  for (const field of ["stability", "similarity", "style"] as const) {
    const value = entry[field];
    if (typeof value === "number" && value >= 0 && value <= 1) settings[field] = value;
    else if (value !== undefined) reading.refuse(`${at}.${field}`, "It can't be that.", "Write a number from 0 to 1.");
  }
  if (entry.seed !== undefined) settings.seed = whole(entry.seed, `${at}.seed`, 0xffff_ffff, reading);
  const gender =
    entry.gender === undefined ? "" : reading.oneOf(entry.gender, `${at}.gender`, ["female", "male"] as const);
  return {
    name,
    id: optional("id", TOKEN, "Write the provider's id of the voice.") || name,
    language: optional("language", LANGUAGE, "Write a language, such as en or pt-BR.") || MULTILINGUAL,
    gender: gender ?? "",
    settings,
  };
}
