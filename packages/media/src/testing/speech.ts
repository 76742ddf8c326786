import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Spoken sentences, as sources for filter graphs. */
export interface Speech extends AsyncDisposable {
  /** A lavfi graph of the speech: mono, 16 kHz. */
  speak(text: string, voice?: string): Promise<string>;
}

/** Speech by the flite program, for tests: many builds of ffmpeg lack its filter. */
export async function openSpeech(): Promise<Speech> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-speech-"));
  let lines = 0;
  return {
    async speak(text, voice = "rms") {
      const path = join(folder, `${lines++}.wav`);
      await promisify(execFile)("flite", ["-voice", voice, "-t", text, "-o", path]);
      return `amovie=${path}`;
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
