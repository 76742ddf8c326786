import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { sayWords, voiceOf, wordsFor } from "@polyreel/media/speech";
import { systemCode } from "@polyreel/platform/files";
import { DEFAULT_TENANT } from "@polyreel/spec";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { localEngines } from "../voices/local-engines.js";
import { play } from "./play.js";

export interface SayOptions {
  readonly text: string;
  /** Empty: the first one listed. */
  readonly voice: string;
  readonly rate: number;
  readonly pitch: number;
  readonly tenant?: string;
  readonly out: string;
  readonly play: boolean;
}

/** Longer than any text lasts, in bytes of WAV. */
const MAX_BYTES = 1 << 30;
const DEADLINE_SECONDS = 120;

/** `polyreel say`: writes speech to a WAV file, prints its path, and plays it on a terminal. */
export async function say(
  { text, out, tenant = DEFAULT_TENANT, ...how }: SayOptions,
  terminal: Terminal,
): Promise<number> {
  const path = resolve(out);
  return interruptible(terminal, async (signal) => {
    const tempDir = await mkdtemp(join(tmpdir(), "polyreel-say-"));
    try {
      const engines = await (await localEngines()).of(tenant);
      let charged = 0;
      const spend = async (_voice: unknown, characters: number) => {
        charged += characters;
        return async () => {
          charged -= characters;
        };
      };
      const { voice, rate, pitch } = how;
      const listing = await engines.list();
      const listed = voiceOf({ voice }, listing);
      const said = listed ? sayWords(text, wordsFor(listed, listed.settings, listing.lexicons)) : text;
      const speech = await engines.speak({ voice, text: said, rate, pitch, spend, signal, tempDir });
      const wav = join(tempDir, "say.wav");
      await writeWav(speech.path, wav, signal);
      await copyFile(wav, path).catch((error: unknown) => {
        throw notWritable(path, error);
      });
      if (charged > 0) terminal.note(`The provider charges for ${counted(charged, "character")}.\n`);
    } finally {
      await rm(tempDir, { recursive: true, force: true });
    }
    await terminal.print(`${path}\n`);
    if (how.play && terminal.live && !(await play(path, signal))) terminal.note("No player is installed.\n");
    return exitCodes.delivered;
  });
}

/** Some providers answer in other formats. */
const writeWav = (from: string, to: string, signal: AbortSignal): Promise<unknown> =>
  runFfmpeg({
    inputs: [{ file: from }],
    outputs: [{ file: to, options: ["-c:a", "pcm_s16le", "-f", "wav"] }],
    ...{ signal, deadlineSeconds: DEADLINE_SECONDS, maxOutputBytes: MAX_BYTES },
  });

const notWritable = (path: string, error: unknown): ProblemsError =>
  new ProblemsError(
    [
      {
        what: `${path} can't be written (${systemCode(error) ?? "unknown error"}).`,
        remedy: "Give another file with --out.",
      },
    ],
    exitCodes.usage,
  );
