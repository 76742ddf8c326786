import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { needs } from "@polyreel/platform/testing";
import { runFfmpeg } from "../ffmpeg/run.js";
import { PCM_FORMAT, pcmBytes } from "../sound/pcm.js";

const PROGRAM = "pocketsphinx_continuous";

/** Whether a speech recogniser is installed; tests that need one are skipped otherwise. */
export const NEEDS_RECOGNISER = needs(spawnSync(PROGRAM, []).error === undefined, "needs pocketsphinx");

/**
 * Recognises English speech (48 kHz stereo, interleaved) as a poor listener: unlike Whisper, pocketsphinx misses words
 * that music covers, so it shows whether a bed is ducked enough.
 */
export async function recogniseSpeech(sound: Float32Array): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-recognised-"));
  const wav = join(folder, "speech.wav");
  try {
    await writeFile(join(folder, "speech.pcm"), pcmBytes(sound));
    await runFfmpeg({
      inputs: [{ file: join(folder, "speech.pcm"), options: PCM_FORMAT }],
      // The sample rate of the recogniser's model.
      outputs: [{ file: wav, options: ["-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le"] }],
      maxOutputBytes: 10 << 20,
      deadlineSeconds: 60,
      signal: new AbortController().signal,
    });
    const { stdout } = await promisify(execFile)(PROGRAM, ["-infile", wav, "-logfn", "/dev/null"], {
      timeout: 180_000,
    });
    return words(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Words and numbers in lower case, without punctuation. */
export const words = (text: string): string[] => text.toLowerCase().match(/[a-z0-9']+/g) ?? [];

/** Words inserted, deleted or substituted, relative to the number spoken. */
export function wordErrorRate(spoken: readonly string[], recognised: readonly string[]): number {
  let row = Array.from({ length: recognised.length + 1 }, (_, i) => i);
  for (let i = 1; i <= spoken.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= recognised.length; j++) {
      const changed = (above[j - 1] as number) + (spoken[i - 1] === recognised[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return (row[recognised.length] as number) / spoken.length;
}
