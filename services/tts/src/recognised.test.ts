import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SoundRole } from "@polyreel/contract";
import { runFfmpeg } from "@polyreel/media/ffmpeg/run.js";
import { decodePcm } from "@polyreel/media/sound/decode.js";
import { mixSound } from "@polyreel/media/sound/mix.js";
import { PCM_FORMAT, pcmBytes } from "@polyreel/media/sound/pcm.js";
import { makeFile, playSound, soundEvent, soundRecipe } from "@polyreel/media/sound/testing/sounds.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engines } from "./engines/engines.js";

const TEXT =
  "She walked along the river until the morning light appeared above the mountains. Then she opened the letter from her " +
  "brother and read every word of it twice before she began to smile.";

const GUITAR = join(import.meta.dirname, "../../../../shared/media/guitar.mp3");
/** A chord that pulses twice a second. */
const CHORD = "aevalsrc='0.2*(sin(220*2*PI*t)+sin(277*2*PI*t)+sin(330*2*PI*t))*exp(-3*mod(t,0.5))':d=4";

const { signal } = new AbortController();
const S = 48000;
const engines = new Engines();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-recognised-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** pocketsphinx is what understands: without it nothing can be told. */
const installed = spawnSync("pocketsphinx_continuous", []).error === undefined;

describe.skipIf(!installed)("a voice over a ducked bed is understood", () => {
  it("in English", async () => {
    const voice = "rms";
    const tempDir = join(folder, voice);
    await mkdir(tempDir);
    const decode = (path: string) => decodePcm(path, { zeroAt: "audio", signal, tempDir });
    const speech = await decode((await engines.speak({ voice, text: TEXT, signal, tempDir })).path);
    const bed = await decode(existsSync(GUITAR) ? GUITAR : await makeFile(join(tempDir, "bed.wav"), [CHORD], []));
    const samples = Number(speech.index.samples) + 2 * S;
    const recipe = soundRecipe(
      samples,
      soundEvent(SoundRole.VOICE, { start: S, samples }),
      soundEvent(SoundRole.BED, { samples, gainDb: -14, duck: true, loop: true }),
    );
    const { payloadPath, index } = await mixSound(recipe, [speech, bed], { signal, tempDir });
    expect(Math.abs(index.loudnessLufs + 16)).toBeLessThan(1);
    const heard = await recognise(await playSound(payloadPath, index), tempDir);
    expect(wordErrorRate(words(TEXT), words(heard))).toBeLessThanOrEqual(0.2);
  });
});

it("counts the words that are wrong", () => {
  expect(wordErrorRate(words("One, two three!"), words("one two three"))).toBe(0);
  expect(wordErrorRate(words("one two three four"), words("one too three for you"))).toBe(0.75);
});

/** Text as a speech recogniser hears it: 16 kHz, mono. */
async function recognise(values: Float32Array, tempDir: string): Promise<string> {
  const pcm = join(tempDir, "heard.pcm");
  const wav = join(tempDir, "heard.wav");
  await writeFile(pcm, pcmBytes(values));
  await runFfmpeg({
    inputs: [{ file: pcm, options: PCM_FORMAT }],
    outputs: [{ file: wav, options: ["-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le"] }],
    maxOutputBytes: 10 << 20,
    deadlineSeconds: 60,
    signal,
  });
  expect((await readFile(wav)).length).toBeGreaterThan(16000);
  const heard = execFileSync("pocketsphinx_continuous", ["-infile", wav, "-logfn", "/dev/null"], { encoding: "utf8" });
  return heard.replaceAll("\n", " ");
}

const words = (text: string): string[] => text.toLowerCase().match(/[a-z']+/g) ?? [];

/** Words put in, left out or changed, relative to how many were said. */
function wordErrorRate(said: readonly string[], heard: readonly string[]): number {
  let row = Array.from({ length: heard.length + 1 }, (_, i) => i);
  for (let i = 1; i <= said.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= heard.length; j++) {
      const changed = (above[j - 1] as number) + (said[i - 1] === heard[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return (row[heard.length] as number) / said.length;
}
