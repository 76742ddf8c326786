import { PolyreelError } from "@polyreel/platform";

/** What is used of a Piper model's configuration, the `.onnx.json` beside it. */
export interface PiperConfig {
  /** Samples a second. */
  readonly sampleRate: number;
  /** "medium"; empty if it states none. */
  readonly quality: string;
  /** BCP 47. */
  readonly language: string;
  /** The voice of espeak-ng that turns texts into phonemes; undefined if the model reads letters. */
  readonly espeakVoice: string | undefined;
  /** The model's input for each phoneme or letter. */
  readonly ids: ReadonlyMap<string, readonly number[]>;
  /** Phonemes to use in place of one. */
  readonly replaced: ReadonlyMap<string, readonly string[]>;
  /** Names of its speakers, by their numbers; empty if it has only one. */
  readonly speakers: readonly string[];
  /** Length relative to the model's own, at the voice's own speed. */
  readonly lengthScale: number;
  /** Name of the data that it learned from: "joe"; empty if it states none. */
  readonly dataset: string;
}

/** Piper's own models have some 5 kB; those with 900 speakers 25 kB. */
export const MAX_CONFIG_BYTES = 1 << 20;
const MAX_SPEAKERS = 2_000;
const MAX_IDS = 10_000;
const SAMPLE_RATES = { min: 8_000, max: 48_000 };
const LENGTH_SCALES = { min: 0.2, max: 5 };
/** A name and variants: "en-us", "gmw-x", never an option or a path. */
const ESPEAK_VOICE = /^[a-z][a-z0-9-]{1,39}$/i;
const SPEAKER = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u;

type Json = Readonly<Record<string, unknown>>;

/** Parses a configuration. Throws PolyreelError `precondition`, with a reason that follows "Its configuration". */
export function parsePiperConfig(text: string): PiperConfig {
  const json = objectOf(parsed(text), "is no JSON object.");
  const audio = objectOf(json.audio, "has no `audio`.");
  const inference = json.inference === undefined ? {} : objectOf(json.inference, "has an `inference` of another kind.");
  const type = json.phoneme_type ?? "espeak";
  if (type !== "espeak" && type !== "text") {
    throw unusable(`has the phoneme_type ${shown(type)}; only "espeak" and "text" can be spoken.`);
  }
  const espeak = type === "espeak" ? textOf(objectOf(json.espeak, "has no `espeak`.").voice) : undefined;
  if (espeak !== undefined && !ESPEAK_VOICE.test(espeak)) throw unusable("names no voice of espeak-ng.");
  return {
    sampleRate: within(audio.sample_rate, SAMPLE_RATES, "audio.sample_rate"),
    quality: textOf(audio.quality),
    language: languageOf(textOf((json.language as Json | undefined)?.code) || espeak || ""),
    espeakVoice: espeak,
    ids: idsOf(json.phoneme_id_map),
    replaced: replacedOf(json.phoneme_map),
    speakers: speakersOf(json),
    lengthScale: within(inference.length_scale ?? 1, LENGTH_SCALES, "inference.length_scale"),
    dataset: textOf(json.dataset),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable("is no JSON.");
  }
}

function objectOf(value: unknown, reason: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw unusable(reason);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function within(value: unknown, { min, max }: { min: number; max: number }, field: string): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw unusable(`has the ${field} ${shown(value)}; it must be from ${min} to ${max}.`);
}

/** "en_US" and "en-us" as "en-US". */
function languageOf(code: string): string {
  try {
    const [tag] = Intl.getCanonicalLocales(code.replaceAll("_", "-"));
    if (tag) return tag;
  } catch {
    // Refused below.
  }
  throw unusable(`has the language ${shown(code)}, which is none.`);
}

function idsOf(value: unknown): Map<string, number[]> {
  const entries = Object.entries(objectOf(value, "has no `phoneme_id_map`."));
  if (entries.length > MAX_IDS) throw unusable(`has more than ${MAX_IDS} phonemes.`);
  const ids = new Map<string, number[]>();
  for (const [phoneme, list] of entries) {
    if (!Array.isArray(list) || list.length > 10 || !list.every((id) => Number.isSafeInteger(id) && id >= 0)) {
      throw unusable(`has other ids than numbers for the phoneme ${shown(phoneme)}.`);
    }
    ids.set(phoneme.normalize("NFD"), list);
  }
  for (const control of ["_", "^", "$"]) if (!ids.has(control)) throw unusable(`has no id for "${control}".`);
  return ids;
}

function replacedOf(value: unknown): Map<string, string[]> {
  const entries = Object.entries(value === undefined ? {} : objectOf(value, "has a `phoneme_map` of another kind."));
  return new Map(entries.map(([phoneme, list]) => [phoneme, Array.isArray(list) ? list.map(textOf) : []]));
}

function speakersOf({ num_speakers: count = 1, speaker_id_map: names = {} }: Json): string[] {
  const speakers = within(count, { min: 1, max: MAX_SPEAKERS }, "num_speakers");
  if (speakers === 1) return [];
  const all = Array.from({ length: Math.floor(speakers) }, (_, id) => String(id));
  for (const [name, id] of Object.entries(objectOf(names, "has a `speaker_id_map` of another kind."))) {
    if (typeof id === "number" && all[id] !== undefined && SPEAKER.test(name)) all[id] = name;
  }
  if (new Set(all).size !== all.length) throw unusable("gives two speakers one name.");
  return all;
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 40) ?? "nothing";

const unusable = (reason: string): PolyreelError =>
  new PolyreelError("precondition", {
    reason: `Its configuration ${reason}`,
    remedy: "Get the model and its .onnx.json again, or another voice.",
  });
