import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type SpokenWord, type Voice, VoiceSchema } from "@polyreel/contract";
import { MULTILINGUAL } from "@polyreel/media/speech";
import { PolyreelError } from "@polyreel/platform";
import { readRange } from "@polyreel/platform/files";
import { type RunEnding, runConfined } from "@polyreel/platform/process";
import type { Reach, SpeakRequest, Speech, SpeechEngine } from "../speech-engine.js";
import { wavSeconds } from "../wav.js";
import { findProgram } from "./find-program.js";
import { parseWordLines } from "./word-lines.js";

const NAME = "command";
/** Revision of how the command is run and its output read: part of the build. */
const REVISION = "command 1";
/** Placeholders in the command's words. */
const RATE = "{rate}";
const WORDS = "{words}";
/** Models on a processor are about as fast as real time; the longest lines last some minutes. */
const DEADLINE_SECONDS = 600;
const MAX_BYTES = 256 << 20;
const MAX_WORDS_BYTES = 8 << 20;
const DIGITS = 16;

/**
 * A program as the only voice of an engine: it gets the text on standard input and writes a WAV file to standard output.
 * `{rate}` in its words is the speed; with `{words}`, it writes the words and their times to that file. It is run without a
 * shell, confined like all programs.
 */
export class CommandEngine implements SpeechEngine {
  readonly name = NAME;
  readonly #reach: Reach;

  /** `words`: the program, and its arguments. */
  constructor(private readonly words: readonly string[]) {
    this.#reach = { rate: this.#has(RATE) ? [0.25, 4] : [1, 1], pitch: [0, 0] };
  }

  async voices(signal: AbortSignal): Promise<Voice[]> {
    const [program = "", ...args] = this.words;
    const bytes = await readFile(await findProgram(program), { signal });
    const digest = createHash("sha256")
      .update(`${JSON.stringify(args)}\n`)
      .update(bytes)
      .digest("hex");
    const build = `${REVISION}/${digest.slice(0, DIGITS)}`;
    const properties = { language: MULTILINGUAL, wordTimes: this.#has(WORDS), varies: true };
    return [create(VoiceSchema, { name: NAME, engine: NAME, ...properties, build })];
  }

  reach = (): Reach => this.#reach;

  /** Unknown: the program reports what it cannot read. */
  unreadable = async (): Promise<string[]> => [];

  async speak({ text, rate, signal, tempDir, keep }: SpeakRequest): Promise<Speech> {
    const [program = "", ...args] = this.words;
    const wordsPath = join(tempDir, "command-words.jsonl");
    const chunks: Buffer[] = [];
    let size = 0;
    const ending = await runConfined({
      program: basename(program),
      path: await findProgram(program),
      args: args.map((word) => word.replaceAll(RATE, String(rate)).replaceAll(WORDS, wordsPath)),
      stdin: text,
      onStdout: (chunk) => {
        size += chunk.length;
        if (size > MAX_BYTES) throw tooMuch();
        chunks.push(chunk);
      },
      // It may wait for a server or a graphics card, and so use no CPU time.
      ...{ deadlineSeconds: DEADLINE_SECONDS, stallSeconds: DEADLINE_SECONDS },
      bounds: { fileBytes: MAX_BYTES },
      remedies: { late: "Use a shorter text, or a faster program.", stalled: "Use a shorter text." },
      signal,
    });
    if (ending.code !== 0) throw failed(ending);
    const audio = Buffer.concat(chunks);
    if (!isWav(audio)) throw noSound();
    const speech = { audio, words: this.#has(WORDS) ? await readWords(wordsPath) : [] };
    await keep?.(speech);
    const path = join(tempDir, "command.wav");
    await writeFile(path, audio, { signal });
    return { path, words: speech.words };
  }

  #has = (placeholder: string): boolean => this.words.slice(1).some((word) => word.includes(placeholder));
}

async function readWords(path: string): Promise<SpokenWord[]> {
  const bytes = await readRange(path, 0, MAX_WORDS_BYTES + 1).catch(() => Buffer.alloc(0)); // It wrote none.
  if (bytes.length > MAX_WORDS_BYTES) throw tooMuch();
  return parseWordLines(bytes.toString("utf8"));
}

function isWav(bytes: Buffer): boolean {
  try {
    return wavSeconds(bytes) > 0;
  } catch {
    return false;
  }
}

const tooMuch = (): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: "The program of POLYREEL_VOICE_COMMAND wrote more than it was allowed.",
    remedy: "Use a shorter text.",
  });

const noSound = (): PolyreelError =>
  new PolyreelError("precondition", {
    reason: "The program of POLYREEL_VOICE_COMMAND wrote no WAV file to standard output.",
    remedy: "See that it writes nothing else there, and that it can speak this text.",
  });

const failed = ({ code, signal, stderr }: RunEnding): PolyreelError =>
  new PolyreelError(
    "internal",
    { reason: "The program of POLYREEL_VOICE_COMMAND failed.", remedy: "See its output in the service's log." },
    { cause: new Error(`it ended by ${signal ?? `code ${code}`}\n${stderr}`) },
  );
