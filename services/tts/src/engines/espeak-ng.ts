import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Voice, VoiceSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { spokenText } from "../text/pieces.js";
import { scriptsOf, wordsByScript } from "../text/scripts.js";
import { spokenPieces } from "../text/spoken-pieces.js";
import { espeakBuild } from "./espeak-build.js";
import { isRead } from "./espeak-reading.js";
import { runEngine } from "./run-engine.js";
import type { SpeechEngine } from "./speech-engine.js";

const PROGRAM = "espeak-ng";
/** Stands first: where nothing else is installed, it is what a choice without a voice gets. */
const DEFAULT_LANGUAGE = "en-us";

/** `-s`: words a minute. Below 80 it goes no slower; 350 and more are a little slower than they say (5%). */
const OWN_RATE = 175;
const SLOWEST_RATE = 80;
/**
 * `-p` goes from 0 to 99, 50 is the voice's own pitch; how many semitones from it that is says no manual: measured with
 * voices of four languages, which lie within 1 of this.
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

/** espeak-ng: some 130 languages, named by their tags. Clear rather than beautiful. It tells no word times. */
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
    // -b 1: the text is UTF-8. --stdin: all of it at once, so that sentences are not broken at line ends.
    const args = ["-v", voice, ...manner(rate, pitch), "-b", "1", "--stdin", "-w", path];
    await runEngine({ program: PROGRAM, args, stdin: plainText(spoken(text, voice)), signal });
    return { path, words: [] };
  },
};

const spoken = (text: string, voice: string): string => spokenText(spokenPieces(text, languageTag(voice)));

const manner = (rate: number, pitch: number): string[] => [
  ...(rate === 1 ? [] : ["-s", String(Math.round(OWN_RATE * rate))]),
  ...(pitch === 0 ? [] : ["-p", String(pitchOption(pitch))]),
];

/** Between the measured points it is a straight line. */
function pitchOption(semitones: number): number {
  const above = Math.max(
    1,
    PITCHES.findIndex((point) => point.semitones >= semitones),
  );
  const [from, to] = PITCHES.slice(above - 1) as [(typeof PITCHES)[number], (typeof PITCHES)[number]];
  const part = (semitones - from.semitones) / (to.semitones - from.semitones);
  return Math.round(from.option + part * (to.option - from.option));
}

/** Text that is read as it stands: "[[" would begin phonemes. */
const plainText = (text: string): string => text.replaceAll("[[", "[ [");

/**
 * Reads the table that `espeak-ng --voices` prints: priority, language, age/gender, name, file. Rows of equal priority stand
 * there as the file system gave them: the list is sorted, so that it is the same everywhere.
 */
export function parseVoices(table: string): Voice[] {
  if (!/^Pty\s+Language\s/.test(table)) throw new PolyreelError("internal", "It printed no list of voices.");
  const voices = new Map<string, Voice>();
  const rows = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  for (const [, language, ageAndGender] of rows.sort(byPriority)) {
    // Several voices of one language: the first has the best priority, the others can't be named by the tag.
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

/** By code points: the same in every locale. */
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** "en-us" as BCP 47 writes it: "en-US". Regions are the two-letter parts after the first. */
const languageTag = (name: string): string =>
  name
    .split("-")
    .map((part, i, parts) => (i > 0 && part.length === 2 && parts[i - 1] !== "x" ? part.toUpperCase() : part))
    .join("-");
