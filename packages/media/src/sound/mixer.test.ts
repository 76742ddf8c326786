import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SoundRecipe, SoundRole } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PcmInput } from "./mix.js";
import { mixTracks } from "./mixer.js";
import { PcmFile } from "./pcm.js";
import { click, loudestSample, never, pcmInput, sine, soundEvent, soundRecipe } from "./testing/sounds.js";
import { tracksOf } from "./timeline.js";

const { CLIP, VOICE, BED } = SoundRole;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-mixer-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function mix(recipe: SoundRecipe, ...inputs: PcmInput[]): Promise<Float32Array> {
  const files = await Promise.all(inputs.map(({ path, index }) => PcmFile.open(path, Number(index.samples))));
  const values: number[] = [];
  const tracks = tracksOf(
    recipe,
    inputs.map((input) => input.index),
  );
  for await (const piece of mixTracks(tracks, files, Number(recipe.samples), never)) values.push(...piece.values);
  for (const file of files) await file[Symbol.asyncDispose]();
  return Float32Array.from(values);
}

/** Left values. */
const left = (values: Float32Array, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => values[(from + i) * 2] as number);

describe("a mix", () => {
  it("has every sound at its sample", async () => {
    const clip = await pcmInput(folder, click(1500), 48000);
    const mixed = await mix(
      soundRecipe(30001, soundEvent(CLIP, { inputStart: 1000, start: 9601, samples: 20000 })),
      clip,
    );
    expect(mixed).toHaveLength(30001 * 2);
    expect(loudestSample(mixed)).toBe(9601 + 500);
    expect([...mixed].filter((value) => value !== 0)).toHaveLength(2);
  });

  it("loops a bed without a sample between, and ends it with the timeline", async () => {
    const ramp = (sample: number) => 0.1 + sample / 20000;
    const bed = await pcmInput(folder, ramp, 5003);
    const mixed = await mix(soundRecipe(60000, soundEvent(BED, { samples: 999_999, loop: true })), bed);
    const level = (mixed[0] as number) / ramp(0);
    for (const sample of [1, 5002, 5003, 10005, 10006, 30000]) {
      expect((mixed[sample * 2] as number) / level).toBeCloseTo(ramp(sample % 5003), 4);
    }
    expect(mixed).toHaveLength(120_000);
    // It fades out over its last half second.
    expect((mixed[48000 * 2] as number) / level / ramp(48000 % 5003)).toBeCloseTo(0.5, 2);
    expect(Math.abs(mixed.at(-1) as number)).toBeLessThan(0.001);
  });

  it("plays a bed that does not loop once, to its natural end", async () => {
    const bed = await pcmInput(folder, () => 0.3, 10000);
    const mixed = await mix(soundRecipe(20000, soundEvent(BED, { samples: 20000 })), bed);
    expect(mixed[9999 * 2]).toBe(mixed[5000 * 2]);
    expect(new Set(left(mixed, 10000, 20000))).toEqual(new Set([0]));
  });

  it("fades clip sound for 5 ms where it is cut, and nowhere else", async () => {
    const clip = await pcmInput(folder, () => 0.5, 48000);
    const mixed = await mix(
      soundRecipe(20000, soundEvent(CLIP, { inputStart: 5000, start: 2000, samples: 9600 })),
      clip,
    );
    const full = mixed[6000 * 2] as number;
    expect(mixed[1999 * 2]).toBe(0);
    expect(mixed[2000 * 2]).toBeCloseTo((full * 0.5) / 240, 5);
    expect(mixed[2120 * 2]).toBeCloseTo((full * 120.5) / 240, 4);
    expect(new Set(left(mixed, 2240, 11360))).toEqual(new Set([full]));
    expect(mixed[11599 * 2]).toBeCloseTo((full * 0.5) / 240, 5);
    expect(mixed[11600 * 2]).toBe(0);
  });

  it("lowers a bed by 12 dB where a voice is heard, and only one that ducks", async () => {
    const voice = await pcmInput(folder, () => 0, 24000);
    const bed = await pcmInput(folder, () => 0.2, 144000);
    const gain = async (duck: boolean) => {
      const events = [soundEvent(VOICE, { start: 48000, samples: 24000 }), soundEvent(BED, { samples: 144000, duck })];
      const mixed = await mix(soundRecipe(144000, ...events), voice, bed);
      return 20 * Math.log10((mixed[60000 * 2] as number) / (mixed[20000 * 2] as number));
    };
    expect(await gain(true)).toBeCloseTo(-12, 3);
    expect(await gain(false)).toBeCloseTo(0, 3);
  });

  it("goes on in silence where a clip's sound ends before its picture, or before its stretch", async () => {
    const clip = await pcmInput(folder, sine(440), 10000);
    const late = soundEvent(CLIP, { inputStart: 12000, samples: 5000 });
    const mixed = await mix(
      soundRecipe(20000, late, soundEvent(CLIP, { inputStart: 8000, samples: 20000 })),
      clip,
      clip,
    );
    expect(new Set(left(mixed, 2000, 20000))).toEqual(new Set([0]));
    expect(new Set(left(mixed, 0, 2000)).size).toBeGreaterThan(500);
  });

  it("refuses a bed without sound, and inputs that are not what they should be", async () => {
    const empty = await pcmInput(folder, sine(440), 0);
    const bed = soundRecipe(20000, soundEvent(BED, { samples: 20000, loop: true }));
    await expect(mix(bed, empty)).rejects.toMatchObject({ code: "invalid" });
    await expect(mix(bed)).rejects.toMatchObject({ code: "internal" });
    const short = await pcmInput(folder, sine(440), 4800);
    short.index.samples = 9600n;
    await expect(mix(bed, short)).rejects.toMatchObject({ code: "internal" });
  });
});
