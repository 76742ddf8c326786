import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../../..", import.meta.url));
/** Where the set-up for tests installs Whisper and its model (scripts/setup/recogniser.mjs). */
const PACKAGES = join(ROOT, ".programs/recogniser");
const SCRIPT = join(ROOT, "packages/media/src/testing/recogniser/recognise.py");

/** Whether Whisper is installed; tests that need it are skipped otherwise. */
export const WHISPER: boolean = existsSync(PACKAGES);

export interface RecognisedWord {
  /** As Whisper writes it, with punctuation and digits: `mountains.`, `$49`. */
  readonly text: string;
  /** From the file's start; half of them within 0.05 s, 95 of 100 within 0.2 s. */
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Whisper's times are late by this, measured on 737 words of flite and espeak-ng with their own times. */
const LATE_SECONDS = 0.09;

/**
 * Recognises English speech in a sound file of any format, offline and identically on each run. Takes about 1 s for 10 s
 * of speech, of which 0.4 s are the start.
 */
export async function recogniseWords(path: string): Promise<RecognisedWord[]> {
  const { stdout } = await promisify(execFile)("python3", [SCRIPT, path], {
    env: { ...process.env, PYTHONPATH: PACKAGES, HF_HUB_OFFLINE: "1" },
    timeout: 120_000,
  });
  return (JSON.parse(stdout) as RecognisedWord[]).map(({ text, startSeconds, endSeconds }) => ({
    text,
    startSeconds: Math.max(0, startSeconds - LATE_SECONDS),
    endSeconds: Math.max(0, endSeconds - LATE_SECONDS),
  }));
}
