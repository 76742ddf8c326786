import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Voice, VoiceSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { spokenText } from "../text/pieces.js";
import { scriptsOf, wordsByScript } from "../text/scripts.js";
import { spokenPieces } from "../text/spoken-pieces.js";
import { espeakBuild } from "./espeak-build.js";
import { runEngine } from "./run-engine.js";
import type { SpeechEngine } from "./speech-engine.js";

const PROGRAM = "espeak-ng";
/** Listed first: the default voice if no other engine is installed. */
const DEFAULT_LANGUAGE = "en-us";

/** `-s`: words a minute. 80 is the minimum; from 350 on, speech is slightly slower than requested (5%). */
const OWN_RATE = 175;
const SLOWEST_RATE = 80;
/**
 * `-p` is from 0 to 99, where 50 is the voice's own pitch. The manual does not document the semitones: these were
 * measured with voices of four languages, which are within 1 semitone.
 */
const PITCHES: readonly { option: number; semitones: number }[] = [
  { option: 0, semitones: -7 },
  { option: 12, semitones: -5.5 },
  { option: 25, semitones: -3.8 },
  { option: 37, semitones: -2 },
  { option: 50, semitones: 0 },
  { option: 62, semitones: 2.1 },
  { option: 75, semitones: 4.4 },
  { option: 87, semitones: 6.7 },
  { option: 99, semitones: 9 },
];

/** espeak-ng: about 130 languages, named by their tags. Clear rather than natural. Without word times. */
export const espeakNg: SpeechEngine = {
  name: PROGRAM,

  async voices(signal) {
    const run = (option: string) => runEngine({ program: PROGRAM, args: [option], signal });
    const voices = parseVoices(await run("--voices"));
    const build = await espeakBuild(await run("--version"), signal);
    return voices.map((voice) => ({ ...voice, build }));
  },

  reach: () => ({ rate: [SLOWEST_RATE / OWN_RATE, 4], pitch: [-7, 9] }),

  async unreadable(voice, text, signal) {
    const language = languageTag(voice);
    const own = scriptsOf(language);
    const unread: string[] = [];
    for (const [script, words] of wordsByScript(spoken(text, voice))) {
      const args = ["-v", voice, "-q", "-x", "-b", "1", "--stdin"];
      const phonemes = await runEngine({ program: PROGRAM, args, stdin: words.join(" "), signal });
      if (!isRead(phonemes, language, own.includes(script))) unread.push(...words);
    }
    return unread;
  },

  async speak({ voice, text, rate, pitch, signal, tempDir }) {
    const path = join(tempDir, "espeak-ng.wav");
    // -b 1: the text is UTF-8. --stdin: reads it as a whole, so that sentences are not split at line ends.
    const args = ["-v", voice, ...prosodyArgs(rate, pitch), "-b", "1", "--stdin", "-w", path];
    await runEngine({ program: PROGRAM, args, stdin: plainText(spoken(text, voice)), signal });
    return { path, words: [] };
  },
};

/** "(en)" in printed phonemes: espeak-ng reads by the rules of another language from here on. */
const LANGUAGE_SWITCH = /\(([a-z]{2,3})[a-z0-9-]*\)/g;

/**
 * Whether espeak-ng reads words of one script, or only spells them ("Chinese letter"): it spells in English, or in the
 * voice's own language if that is not written in this script.
 *
 * @param phonemes espeak-ng's output for these words
 */
function isRead(phonemes: string, language: string, isOwnScript: boolean): boolean {
  const own = language.split("-")[0];
  const languages = [...phonemes.matchAll(LANGUAGE_SWITCH)].map(([, to]) => to);
  if (own !== "en" && languages.includes("en")) return false;
  return isOwnScript || languages.some((to) => to !== own);
}

const spoken = (text: string, voice: string): string => spokenText(spokenPieces(text, languageTag(voice)));

const prosodyArgs = (rate: number, pitch: number): string[] => [
  ...(rate === 1 ? [] : ["-s", String(Math.round(OWN_RATE * rate))]),
  ...(pitch === 0 ? [] : ["-p", String(pitchOption(pitch))]),
];

/** Interpolates linearly between the measured points. */
function pitchOption(semitones: number): number {
  const above = Math.max(
    1,
    PITCHES.findIndex((point) => point.semitones >= semitones),
  );
  const [from, to] = PITCHES.slice(above - 1) as [(typeof PITCHES)[number], (typeof PITCHES)[number]];
  const part = (semitones - from.semitones) / (to.semitones - from.semitones);
  return Math.round(from.option + part * (to.option - from.option));
}

/** Escapes "[[", which would start phonemes. */
const plainText = (text: string): string => text.replaceAll("[[", "[ [");

/**
 * Parses the table of `espeak-ng --voices`: priority, language, age/gender, name, file. Rows of equal priority are in
 * the file system's order, so the list is sorted to be the same everywhere.
 */
export function parseVoices(table: string): Voice[] {
  if (!/^Pty\s+Language\s/.test(table)) throw new PolyreelError("internal", "It printed no list of voices.");
  const voices = new Map<string, Voice>();
  const rows = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  for (const [, language, ageAndGender] of rows.sort(byPriority)) {
    // Of several voices of one language, the first has the best priority; the others cannot be selected by the tag.
    if (!language || !ageAndGender || voices.has(language)) continue;
    const gender = { M: "male", F: "female" }[ageAndGender.split("/")[1] ?? ""] ?? "";
    voices.set(
      language,
      create(VoiceSchema, { name: language, engine: PROGRAM, language: languageTag(language), gender }),
    );
  }
  return [...voices.values()].sort(
    (a, b) => Number(b.name === DEFAULT_LANGUAGE) - Number(a.name === DEFAULT_LANGUAGE) || compareTexts(a.name, b.name),
  );
}

const byPriority = ([a = "", , , , fileA = ""]: string[], [b = "", , , , fileB = ""]: string[]): number =>
  Number(a) - Number(b) || compareTexts(fileA, fileB);

/** Compares by code points, which is the same in every locale. */
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Converts "en-us" to BCP 47: "en-US". Regions are the two-letter parts after the first. */
const languageTag = (name: string): string =>
  name
    .split("-")
    .map((part, i, parts) => (i > 0 && part.length === 2 && parts[i - 1] !== "x" ? part.toUpperCase() : part))
    .join("-");
