import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SoundRole } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NEEDS_REAL_MEDIA } from "../testing/index.js";
import { decodePcm } from "./decode.js";
import { mixSound, type PcmInput } from "./mix.js";
import { pcmValues } from "./pcm.js";
import { SoundEncoder } from "./sound-encoder.js";
import { ebur128, levelDb, never, playSound, soundEvent, soundRecipe } from "./testing/sounds.js";

const { CLIP, VOICE, BED } = SoundRole;
const S = 48000;
const MEDIA = join(import.meta.dirname, "../../../../../shared/media");

/** Real recordings, if present beside the repository. */
describe("real recordings", NEEDS_REAL_MEDIA, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "polyreel-real-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const decode = (name: string, zeroAt: "audio" | "video" = "audio", maxSeconds = 100): Promise<PcmInput> =>
    decodePcm(join(MEDIA, name), { zeroAt, maxSeconds, signal: never, tempDir: folder });

  let mixes = 0;
  async function mix(seconds: number, events: Parameters<typeof soundRecipe>[1][], inputs: PcmInput[]) {
    const tempDir = join(folder, `mix-${mixes++}`);
    await mkdir(tempDir);
    const encoder = new SoundEncoder({ processes: 1, tempDir });
    const recipe = soundRecipe(seconds * S, ...events);
    const { payloadPath, index } = await mixSound(recipe, inputs, { signal: never, tempDir, encoder });
    expect(index.truePeakDbtp).toBeLessThanOrEqual(-1);
    return { values: await playSound(payloadPath, index), index };
  }

  it.each([
    ["guitar.mp3", 22.83, -21.5],
    ["voices-around-a-fire.mp3", 30.37, -18.5],
    ["t-rex-roar.mp3", 2.07, -20.2],
    ["friday.mp4", 6.15, -31.4],
    ["tears-of-steel.webm", 70.5, -8.8],
    ["flower.mp4", 5.06, -Infinity],
  ])("%s is decoded completely, with the loudness of ebur128", async (name, seconds, lufs) => {
    const { path, index } = await decode(name, /mp3$/.test(name) ? "audio" : "video");
    expect(Number(index.samples) / S).toBeCloseTo(seconds, 1);
    const measured = await ebur128(pcmValues(await readFile(path)));
    if (lufs === -Infinity) expect(measured.lufs).toBe(-70);
    else expect(Math.abs(measured.lufs - lufs)).toBeLessThan(0.11);
  });

  // The guitar begins 3 LU more softly than its average, which determines its level.
  it.each([
    ["t-rex-roar.mp3", -30],
    ["guitar.mp3", -33],
  ])("%s, shorter or longer than the picture, fills it at its level", async (name, lufs) => {
    const bed = soundEvent(BED, { samples: 9 * S, gainDb: -14, loop: true });
    const { values, index } = await mix(9, [bed], [await decode(name)]);
    expect(Math.abs(index.loudnessLufs - lufs)).toBeLessThan(1);
    for (const from of [0, 2, 4, 6]) expect(levelDb(values, from, from + 2.1)).toBeGreaterThan(-50);
  });

  it("footage after footage, a voice and a ducked bed make one soundtrack in its predicted range", async () => {
    const { values, index } = await mix(
      12,
      [
        soundEvent(CLIP, { samples: 4 * S }),
        soundEvent(CLIP, { start: 4 * S, samples: 4 * S }),
        soundEvent(CLIP, { start: 8 * S, inputStart: 20 * S, samples: 4 * S }),
        soundEvent(VOICE, { start: 5 * S, samples: 2 * S }),
        soundEvent(BED, { samples: 12 * S, gainDb: -20, duck: true, loop: true }),
      ],
      [
        await decode("friday.mp4", "video"),
        await decode("flower.mp4", "video"),
        await decode("tears-of-steel.webm", "video", 30),
        await decode("voices-around-a-fire.mp3"),
        await decode("guitar.mp3"),
      ],
    );
    expect(index.loudnessLufs).toBeGreaterThan(index.predictedMinLufs);
    expect(index.loudnessLufs).toBeLessThan(index.predictedMaxLufs);
    expect(index.predictedMaxLufs - index.predictedMinLufs).toBeLessThan(2);
    expect(Math.abs((await ebur128(values)).lufs + 16)).toBeLessThan(3);
  });
});
