import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SoundRole } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSpeech } from "../testing/speech.js";
import { decodePcm } from "./decode.js";
import { masterGainDb } from "./mastering.js";
import { mixSound, type PcmInput } from "./mix.js";
import { SoundEncoder } from "./sound-encoder.js";
import { ebur128, makeFile, never, playSound, soundEvent, soundRecipe } from "./testing/sounds.js";
import { tracksOf } from "./timeline.js";

const { CLIP, VOICE, BED, EFFECT } = SoundRole;
const S = 48_000;

let folder: string;
let encoder: SoundEncoder;
let speech: PcmInput;
let music: PcmInput;
let room: PcmInput;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-master-"));
  encoder = new SoundEncoder({ processes: 1, tempDir: folder });
  await using spoken = await openSpeech();
  const sentence = "Half price today, and free delivery for everybody who orders before noon.";
  speech = await decode("speech.wav", await spoken.speak(sentence));
  music = await decode(
    "music.wav",
    "aevalsrc='0.2*sin(2*PI*220*t)*(0.6+0.4*sin(2*PI*2*t))|0.2*sin(2*PI*331*t)':d=8:s=48000",
  );
  room = await decode("room.wav", "anoisesrc=c=pink:d=8:seed=5:a=0.002");
});
afterAll(() => rm(folder, { recursive: true }));

const decode = async (name: string, lavfi: string): Promise<PcmInput> =>
  decodePcm(await makeFile(join(folder, name), [lavfi], []), { zeroAt: "audio", signal: never, tempDir: folder });

const bed = (gainDb: number, duck: boolean) => ({
  input: () => music,
  event: soundEvent(BED, { samples: 6 * S, gainDb, duck }),
});
const voice = { input: () => speech, event: soundEvent(VOICE, { start: S, samples: 6 * S }) };
const clip = (input: () => PcmInput, gainDb = 0) => ({ input, event: soundEvent(CLIP, { samples: 6 * S, gainDb }) });

interface Sound {
  input: () => PcmInput;
  event: ReturnType<typeof soundEvent>;
}

const recipeOf = (sounds: readonly Sound[], targetLufs: number, seconds = 6) => ({
  ...soundRecipe(seconds * S, ...sounds.map(({ event }) => event)),
  targetLufs,
});

describe("a finished soundtrack", () => {
  it.each<[string, number, Sound[]]>([
    ["speech over a lowered bed", -16, [voice, bed(-4, true)]],
    ["the same bed without speech", -16, [bed(-4, true)]],
    ["a bed at the loudness of speech", -16, [voice, bed(0, false)]],
    ["footage, bed and speech at once", -16, [clip(() => music), bed(0, false), voice]],
    ["another target", -23, [voice, bed(-4, true)]],
    ["a louder target", -14, [voice]],
  ])("of %s is at %d LUFS", async (_, target, sounds) => {
    const recipe = recipeOf(sounds, target);
    const { payloadPath, index } = await mixSound(
      recipe,
      sounds.map(({ input }) => input()),
      {
        signal: never,
        tempDir: folder,
        encoder,
      },
    );
    const { lufs, dbtp } = await ebur128(await playSound(payloadPath, index));
    expect(Math.abs(lufs - target)).toBeLessThan(1);
    expect(dbtp).toBeLessThan(-0.9);
  });
});

describe("the gain", () => {
  const gain = (sounds: readonly Sound[], target = -16, seconds = 6) => {
    const recipe = recipeOf(sounds, target, seconds);
    return masterGainDb(
      tracksOf(
        recipe,
        sounds.map(({ input }) => input().index),
      ),
      recipe,
    );
  };

  it("is a whole number of decibels, the same for similar mixes", () => {
    const [one, other] = [gain([bed(-10, false)]), gain([bed(-10.2, false)])];
    expect(Number.isInteger(one)).toBe(true);
    expect(other).toBe(one);
  });

  it("raises by 12 dB at most", () => {
    expect(gain([bed(-40, false)])).toBe(12);
  });

  it("does not raise sound shorter than 3 s or effects alone, but lowers what is too loud", () => {
    const effect: Sound = { input: () => music, event: soundEvent(EFFECT, { samples: 6 * S, gainDb: -20 }) };
    expect(gain([bed(-10, false)], -16, 2.9)).toBe(0);
    expect(gain([effect])).toBe(0);
    expect(gain([effect, bed(-10, false)])).toBeGreaterThan(0);
    expect(gain([clip(() => music, 12)], -16, 2)).toBe(-12);
  });

  it("is 0 without a target, and for silence", () => {
    expect(gain([bed(-10, false)], 0)).toBe(0);
    expect(gain([clip(() => room, -60)])).toBe(0);
  });
});
