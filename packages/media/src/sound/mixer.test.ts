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

const { CLIP, VOICE, BED, EFFECT } = SoundRole;
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
  it("places every sound at its sample", async () => {
    const clip = await pcmInput(folder, click(1500), 48000);
    const mixed = await mix(
      soundRecipe(30001, soundEvent(CLIP, { inputStart: 1000, start: 9601, samples: 20000 })),
      clip,
    );
    expect(mixed).toHaveLength(30001 * 2);
    expect(loudestSample(mixed)).toBe(9601 + 500);
    expect([...mixed].filter((value) => value !== 0)).toHaveLength(2);
  });

  it("loops a bed exactly from its offset on, without a jump, and ends it with the timeline", async () => {
    const ramp = (sample: number) => 0.1 + sample / 20000;
    const bed = await pcmInput(folder, ramp, 5003);
    const [offset, cycle] = [1003, 4000];
    const event = soundEvent(BED, { inputStart: offset, samples: 999_999, loop: true });
    const mixed = await mix(soundRecipe(60000, event), bed);
    const level = (mixed[3000 * 2] as number) / ramp(4003);
    // Up to 10 ms before each return it is the unmodified bed.
    for (const sample of [240, 3519, 4000, 7519, 8000, 30_500, 59_519]) {
      expect((mixed[sample * 2] as number) / level).toBeCloseTo(ramp(offset + (sample % cycle)), 4);
    }
    // Unmodified, it would jump from 0.35 to 0.15 at each return.
    const played = left(mixed, 240, 59_760);
    const steps = played.map((value, i) => Math.abs(value - (played[i - 1] ?? value)) / level);
    expect(Math.max(...steps)).toBeLessThan(0.002);
    expect(mixed).toHaveLength(120_000);
    // Cut off by the end without a requested fade, it is only protected from a click.
    expect(Math.abs(mixed.at(-1) as number) / level).toBeLessThan(0.001);
  });

  it("does not change a loop whose end meets its beginning, or whose seam is inaudible", async () => {
    const bang = (sample: number) => 0.5 * Math.sin(sample ** 2) * Math.exp(-sample / 500);
    for (const wave of [sine(480), bang]) {
      const bed = await pcmInput(folder, wave, 5000);
      const mixed = await mix(soundRecipe(60_000, soundEvent(BED, { samples: 60_000, loop: true })), bed);
      const level = (mixed[5101 * 2] as number) / wave(101, 0);
      for (const sample of [4800, 4999, 5000, 5001, 9999]) {
        expect((mixed[sample * 2] as number) / level).toBeCloseTo(wave(sample % 5000, 0), 4);
      }
    }
  });

  it("loops an effect too, once its own length is over", async () => {
    const effect = await pcmInput(folder, () => 0.3, 2000);
    const one = soundEvent(EFFECT, { start: 1000, samples: 9000 });
    const once = await mix(soundRecipe(20000, one), effect);
    expect(left(once, 999, 3001).map((value) => value > 0)).toEqual([false, ...new Array(2000).fill(true), false]);
    one.loop = true;
    const looped = await mix(soundRecipe(20000, one), effect);
    expect(looped[9000 * 2]).toBeGreaterThan(0.05);
    expect(looped[10_000 * 2]).toBe(0);
  });

  it("fades a bed in and out evenly, where it is audible", async () => {
    const bed = await pcmInput(folder, () => 0.3, 40_000);
    const event = soundEvent(BED, { start: 2000, samples: 99_000, fadeIn: 8000, fadeOut: 16_000 });
    for (const [end, looped] of [
      [42_000, false],
      [60_000, true],
    ] as const) {
      event.loop = looped;
      const mixed = await mix(soundRecipe(60_000, event), bed);
      const part = (sample: number) => (mixed[sample * 2] as number) / (mixed[20_000 * 2] as number);
      expect([2000, 4000, 6000, 10_000].map(part)).toEqual([0, 0.25, 0.5, 1].map((n) => expect.closeTo(n, 3)));
      expect([16_000, 12_000, 8000, 1].map((left) => part(end - left))).toEqual(
        [1, 0.75, 0.5, 0].map((n) => expect.closeTo(n, 3)),
      );
    }
  });

  it("keeps the power of two clips during their crossfade", async () => {
    const clip = await pcmInput(folder, () => 0.3, 40_000);
    const power = async (...events: Parameters<typeof soundEvent>[1][]) => {
      const alone = await Promise.all(events.map((event) => mix(soundRecipe(40_000, soundEvent(CLIP, event)), clip)));
      return (sample: number) => alone.reduce((sum, mixed) => sum + (mixed[sample * 2] as number) ** 2, 0);
    };
    const both = await power({ samples: 24_000, fadeOut: 8000 }, { start: 16_000, samples: 24_000, fadeIn: 8000 });
    for (const sample of [16_000, 18_000, 20_000, 22_000, 23_999]) expect(both(sample)).toBeCloseTo(both(12_000), 5);
  });

  it("fades a clip at the end of its event, even if its sound ended before", async () => {
    const clip = await pcmInput(folder, () => 0.3, 20_000);
    const mixed = await mix(soundRecipe(40_000, soundEvent(CLIP, { samples: 24_000, fadeOut: 8000 })), clip);
    const part = (sample: number) => (mixed[sample * 2] as number) / (mixed[12_000 * 2] as number);
    expect(part(16_000)).toBeCloseTo(1, 4);
    expect(part(19_600)).toBeCloseTo(Math.sin((Math.PI / 2) * (4400 / 8000)), 3);
    expect(part(19_999)).toBeLessThan(0.01);
    expect(part(20_000)).toBe(0);
  });

  it("adds the requested gain to the levelling of clips, voices and effects", async () => {
    const input = await pcmInput(folder, sine(1000, 0.1), 48_000);
    for (const role of [CLIP, VOICE, BED, EFFECT]) {
      const peak = async (gainDb: number) => {
        const mixed = await mix(soundRecipe(48_000, soundEvent(role, { samples: 48_000, gainDb })), input);
        return Math.max(...left(mixed, 9600, 38_400));
      };
      expect(20 * Math.log10((await peak(-9)) / (await peak(0)))).toBeCloseTo(-9, 2);
      expect(20 * Math.log10((await peak(6)) / (await peak(0)))).toBeCloseTo(6, 2);
    }
  });

  it("never lowers an effect for a voice, nor a bed for an effect", async () => {
    const [still, tone] = [await pcmInput(folder, () => 0, 24_000), await pcmInput(folder, () => 0.2, 96_000)];
    for (const [lowered, beside] of [
      [EFFECT, VOICE],
      [BED, EFFECT],
    ] as const) {
      const events = [
        soundEvent(lowered, { samples: 96_000, duck: true }),
        soundEvent(beside, { start: 48_000, samples: 24_000 }),
      ];
      const mixed = await mix(soundRecipe(96_000, ...events), tone, still);
      expect(mixed[60_000 * 2]).toBe(mixed[20_000 * 2]);
    }
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

  it("lowers only ducking beds by 12 dB, where a voice is audible", async () => {
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

  it("continues in silence if a clip's sound ends before its picture, or before its stretch", async () => {
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

  it("refuses a bed without sound, and invalid inputs", async () => {
    const empty = await pcmInput(folder, sine(440), 0);
    const bed = soundRecipe(20000, soundEvent(BED, { samples: 20000, loop: true }));
    await expect(mix(bed, empty)).rejects.toMatchObject({ code: "invalid" });
    await expect(mix(bed)).rejects.toMatchObject({ code: "internal" });
    const short = await pcmInput(folder, sine(440), 4800);
    short.index.samples = 9600n;
    await expect(mix(bed, short)).rejects.toMatchObject({ code: "internal" });
  });
});
