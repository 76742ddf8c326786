import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SoundRole } from "@polyreel/contract";
import { decodePcm, mixSound, pcmValues, SoundEncoder } from "@polyreel/media/sound";
import {
  makeFile,
  NEEDS_RECOGNISER,
  playSound,
  recogniseSpeech,
  soundEvent,
  soundRecipe,
  wordErrorRate,
  words,
} from "@polyreel/media/testing";
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

it("amounts and fractions are recognised as the intended words", NEEDS_RECOGNISER, async () => {
  const tempDir = join(folder, "amounts");
  await mkdir(tempDir);
  const text = "Everything is ½ price. Last year it was £500, now it is $20 million & more.";
  const { path } = await engines.speak({ voice: "rms", text, rate: 1, pitch: 0, signal, tempDir });
  const { path: pcm } = await decodePcm(path, { zeroAt: "audio", signal, tempDir });
  const recognised = (await recogniseSpeech(pcmValues(await readFile(pcm)))).join(" ");
  for (const part of ["everything is half", "five hundred pounds", "twenty million dollars and"])
    expect(recognised).toContain(part);
});

describe("a voice over a ducked bed is recognised", NEEDS_RECOGNISER, () => {
  it("in English", async () => {
    const voice = "rms";
    const tempDir = join(folder, voice);
    await mkdir(tempDir);
    const decode = (path: string) => decodePcm(path, { zeroAt: "audio", signal, tempDir });
    const speech = await decode((await engines.speak({ voice, text: TEXT, rate: 1, pitch: 0, signal, tempDir })).path);
    const bed = await decode(existsSync(GUITAR) ? GUITAR : await makeFile(join(tempDir, "bed.wav"), [CHORD], []));
    const samples = Number(speech.index.samples) + 2 * S;
    const recipe = soundRecipe(
      samples,
      soundEvent(SoundRole.VOICE, { start: S, samples }),
      soundEvent(SoundRole.BED, { samples, gainDb: -14, duck: true, loop: true }),
    );
    const encoder = new SoundEncoder({ processes: 1, tempDir });
    const { payloadPath, index } = await mixSound(recipe, [speech, bed], { signal, tempDir, encoder });
    expect(Math.abs(index.loudnessLufs + 16)).toBeLessThan(1);
    const recognised = await recogniseSpeech(await playSound(payloadPath, index));
    expect(wordErrorRate(words(TEXT), recognised)).toBeLessThanOrEqual(0.2);
  });
});
