import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Voice, VoiceSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { runEngine } from "./run-engine.js";
import type { SpeechEngine } from "./speech-engine.js";

const PROGRAM = "espeak-ng";
/** Stands first: where nothing else is installed, it is what a choice without a voice gets. */
const DEFAULT_LANGUAGE = "en-us";

/** espeak-ng: some 130 languages, named by their tags. Clear rather than beautiful. It tells no word times. */
export const espeakNg: SpeechEngine = {
  name: PROGRAM,

  async voices(signal) {
    try {
      return parseVoices(await runEngine({ program: PROGRAM, args: ["--voices"], signal }));
    } catch (error) {
      if (error instanceof PolyreelError && error.code === "not_found") return [];
      throw error;
    }
  },

  async speak({ voice, text, signal, tempDir }) {
    const path = join(tempDir, "espeak-ng.wav");
    // -b 1: the text is UTF-8. --stdin: all of it at once, so that sentences are not broken at line ends.
    const args = ["-v", voice, "-b", "1", "--stdin", "-w", path];
    await runEngine({ program: PROGRAM, args, stdin: plainText(text), output: path, signal });
    return { path, words: [] };
  },
};

/** Text that is read as it stands: "[[" would begin phonemes. */
const plainText = (text: string): string => text.replaceAll("[[", "[ [");

/** Reads the table that `espeak-ng --voices` prints: priority, language, age/gender, name, file. */
export function parseVoices(table: string): Voice[] {
  const voices = new Map<string, Voice>();
  for (const line of table.split("\n").slice(1)) {
    const [, language, ageAndGender] = line.trim().split(/\s+/);
    // Several voices of one language: the first has the best priority, the others can't be named by the tag.
    if (!language || !ageAndGender || voices.has(language)) continue;
    const gender = { M: "male", F: "female" }[ageAndGender.split("/")[1] ?? ""] ?? "";
    voices.set(
      language,
      create(VoiceSchema, { name: language, engine: PROGRAM, language: languageTag(language), gender }),
    );
  }
  return [...voices.values()].sort((a, b) => Number(b.name === DEFAULT_LANGUAGE) - Number(a.name === DEFAULT_LANGUAGE));
}

/** "en-us" as BCP 47 writes it: "en-US". Regions are the two-letter parts after the first. */
const languageTag = (name: string): string =>
  name
    .split("-")
    .map((part, i, parts) => (i > 0 && part.length === 2 && parts[i - 1] !== "x" ? part.toUpperCase() : part))
    .join("-");
