import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type SpokenWord, type Voice, VoiceSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Piece, spokenText } from "../text/pieces.js";
import { spokenPieces } from "../text/spoken-pieces.js";
import { asciiText, unreadableWords } from "./english-text.js";
import { parsePhones, parsePhoneTimes, parseWords, wordTimes } from "./flite-words.js";
import { runEngine } from "./run-engine.js";
import type { Reach, SpeechEngine } from "./speech-engine.js";
import { wavSeconds } from "./wav.js";
import { writtenWords } from "./written-words.js";

const PROGRAM = "flite";
const LANGUAGE = "en-US";

/**
 * flite's built-in voices, the most intelligible first (by a speech recogniser's word error rate on one passage: rms
 * 0.00, awb 0.03, slt 0.11). Omits awb_time, which only speaks the time of day. `stretch` of their own speed; default
 * 1.
 */
const KNOWN: readonly { name: string; language: string; gender: string; stretch?: number }[] = [
  { name: "rms", language: "en-US", gender: "male" },
  { name: "slt", language: "en-US", gender: "female" },
  { name: "awb", language: "en-GB", gender: "male" },
  { name: "kal16", language: "en-US", gender: "male", stretch: 1.1 },
  { name: "kal", language: "en-US", gender: "male", stretch: 1.1 },
];

/** Slower speech breaks into its frames; faster speech is not supported by batches. */
const RATES: Reach["rate"] = [0.25, 4];
const PITCHES: Reach["pitch"] = [-12, 12];
/** The only voice whose model derives its melody from phrases and accents, and ignores a shift. */
const FIXED_PITCH = "rms";

/** flite: English, natural, with word times. */
export const flite: SpeechEngine = {
  name: PROGRAM,

  async voices(signal) {
    const voices = parseVoices(await runEngine({ program: PROGRAM, args: ["-lv"], signal }));
    // flite exits with 1 after printing its version.
    const build = parseBuild(await runEngine({ program: PROGRAM, args: ["--version"], exitCodes: [0, 1], signal }));
    return voices.map((voice) => ({ ...voice, build }));
  },

  unreadable: async (_voice, text) => unreadableWords(spokenText(spokenPieces(text, LANGUAGE))),

  reach: (voice) => ({ rate: RATES, pitch: voice === FIXED_PITCH ? [0, 0] : PITCHES }),

  async speak({ voice, text, rate, pitch, signal, tempDir }) {
    const textPath = join(tempDir, "flite.txt");
    const path = join(tempDir, "flite.wav");
    const pieces = spokenPieces(text, LANGUAGE).map((piece) => ({ ...piece, spoken: asciiText(piece.spoken) }));
    await writeFile(textPath, lastLine(spokenText(pieces)));
    const args = ["-voice", voice, ...prosodyArgs(voice, rate, pitch), "-psdur", "-f", textPath, "-o", path];
    const printed = await runEngine({ program: PROGRAM, args, signal });
    const words = await timesOf(printed, path, textPath, tempDir, signal);
    return { path, words: writtenWords(pieces, await readingsOf(pieces, tempDir, signal), words) };
  },
};

/** Parses "flite-2.2-current Sep 2018" from `flite --version`. Its voices are compiled in and have no own version. */
export function parseBuild(printed: string): string {
  const build = /version:\s*([^(\n]*[^(\s])/.exec(printed)?.[1];
  if (!build) throw new PolyreelError("internal", "It printed no version.");
  return build;
}

/** Parses the line of `flite -lv`: "Voices available: kal awb_time kal16 awb rms slt". */
export function parseVoices(line: string): Voice[] {
  const names = /^Voices available:(.*)$/m.exec(line)?.[1];
  if (names === undefined) throw new PolyreelError("internal", "It printed no list of voices.");
  const listed = new Set(names.trim().split(/\s+/));
  return KNOWN.filter(({ name }) => listed.has(name)).map(({ name, language, gender }) =>
    create(VoiceSchema, { name, language, gender, engine: PROGRAM, wordTimes: true }),
  );
}

/** Printed times include the stretch. f0_shift is a factor of the voice's own frequency. */
function prosodyArgs(voice: string, rate: number, pitch: number): string[] {
  const { stretch = 1 } = KNOWN.find(({ name }) => name === voice) ?? {};
  return [
    ...(rate === 1 ? [] : ["--setf", `duration_stretch=${(stretch / rate).toFixed(4)}`]),
    ...(pitch === 0 ? [] : ["--setf", `f0_shift=${(2 ** (pitch / 12)).toFixed(4)}`]),
  ];
}

/** flite drops a last word of one letter ("vitamin C") without a line end after it. */
const lastLine = (text: string): string => `${text}\n`;

/** Uses the fastest voice; words and phones are the same for all of flite's voices. */
async function print(option: "-pw" | "-ps", path: string, signal: AbortSignal): Promise<string> {
  return await runEngine({ program: PROGRAM, args: ["-voice", "kal", option, "-f", path, "-o", "none"], signal });
}

/** flite prints a line for each paragraph. */
const paragraphs = (texts: readonly string[]): string => lastLine(texts.join("\n\n"));

/**
 * flite prints phones with times, and words without. The phones of each word are found by comparing them with the
 * phones of the word spoken alone.
 */
async function timesOf(
  printed: string,
  wavPath: string,
  textPath: string,
  tempDir: string,
  signal: AbortSignal,
): Promise<SpokenWord[]> {
  const words = parseWords(await print("-pw", textPath, signal));
  const listPath = join(tempDir, "flite-words.txt");
  await writeFile(listPath, paragraphs(words.flat()));
  const phones = parsePhones(await print("-ps", listPath, signal));
  return wordTimes(words, phones, parsePhoneTimes(printed), wavSeconds(await readFile(wavPath)));
}

/** The words as which flite reads each piece alone. */
async function readingsOf(pieces: readonly Piece[], tempDir: string, signal: AbortSignal): Promise<string[][]> {
  // Omits bare punctuation and ends of sentences, which would change the number of lines.
  const texts = pieces.map(({ spoken }) => spoken.replace(/\s+/g, " ").replace(/[.!?]+(?=\W*$)/, ""));
  const sounding = [...texts.keys()].filter((i) => /[a-z0-9]/i.test(texts[i] ?? ""));
  const listPath = join(tempDir, "flite-pieces.txt");
  await writeFile(listPath, paragraphs(sounding.map((i) => texts[i] ?? "")));
  const lines = parseWords(await print("-pw", listPath, signal));
  const plain = (i: number) => (texts[i] ?? "").toLowerCase().match(/[a-z0-9']+/g) ?? [];
  const readings = pieces.map((): string[] => []);
  for (const [line, i] of sounding.entries()) {
    readings[i] = lines.length === sounding.length ? (lines[line] ?? []) : plain(i);
  }
  return readings;
}
