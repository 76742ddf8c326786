import { describe, expect, it } from "vitest";
import { costsBy, HEADER_BYTES, HEADER_BYTES_A_SECOND } from "./cost.js";
import { figuresOf } from "./figures.js";
import type { Tally } from "./tally.js";

/** Two clips of 4 seconds and 100 megapixels, the first in all ten combinations, the other in five; one soundtrack. */
const tally: Tally = {
  seen: 10,
  planned: 10,
  clips: new Map([
    ["a", { name: "clip 10x10 footage", uses: 10, seconds: 4, megapixels: 100 }],
    ["b", { name: "clip 10x10 footage", uses: 5, seconds: 4, megapixels: 100 }],
  ]),
  sounds: new Map([["s", { name: "sound", uses: 10, seconds: 6, megapixels: 0 }]]),
  voices: new Map(),
  seconds: 60,

  failures: [],
};
const costs = costsBy({});
const nothing = new Map<string, number>();
const figures = (there: Partial<Parameters<typeof figuresOf>[0]["there"]> = {}, combinations = 10, cores = 1) =>
  figuresOf({
    combinations,
    tally,
    there: { clips: nothing, sounds: nothing, voices: nothing, ...there },
    cores,
    costs,
  });
const aClip = { name: "clip 10x10 footage", seconds: 4, megapixels: 100 };
const aSound = { name: "sound", seconds: 6, megapixels: 0 };
const clip = costs.seconds(aClip);
const sound = costs.seconds(aSound);

describe("figuresOf", () => {
  it("counts what is to be made, and what sharing saves", () => {
    const { clips, soundtracks, combinationSeconds, clipSeconds, saving, predictedSeconds } = figures();
    expect(clips).toMatchObject({ distinct: 2n, there: 0n });
    expect(soundtracks).toMatchObject({ distinct: 1n, there: 0n });
    expect([combinationSeconds, clipSeconds]).toEqual([60, 8]);
    expect(saving).toBeCloseTo((15 * clip + 10 * sound) / (2 * clip + sound), 10);
    expect(predictedSeconds).toBeGreaterThan(2 * clip + sound);
  });

  it("leaves out what is there", () => {
    const all = figures();
    const some = figures({ clips: new Map([["a", 0]]) });
    expect(some.clips).toMatchObject({ distinct: 2n, there: 1n });
    expect(some.clipSeconds).toBe(4);
    expect(some.saving).toBe(all.saving);
    expect(all.predictedSeconds - some.predictedSeconds).toBeCloseTo(clip, 10);
    expect(figures({}, 10, 4).predictedSeconds).toBeCloseTo(all.predictedSeconds / 4, 10);
  });

  it("takes bytes from what is there, and the others from its pixels", () => {
    const bytes = (clipA: number, clipB: number) =>
      10 * clipA + 5 * clipB + 10 * 6 * 20_000 + 10 * HEADER_BYTES + 60 * HEADER_BYTES_A_SECOND;
    const typical = costs.bytes(aClip);
    expect(Number(figures().outputBytes)).toBeCloseTo(bytes(typical, typical), -1);
    expect(Number(figures({ clips: new Map([["a", 3000]]) }).outputBytes)).toBeCloseTo(bytes(3000, 3000), -1);
    const both = new Map([
      ["a", 3000],
      ["b", 500],
    ]);
    expect(Number(figures({ clips: both }).outputBytes)).toBeCloseTo(bytes(3000, 500), -1);
  });

  it("scales up where only some combinations were looked at", () => {
    const { combinations, clips, combinationSeconds, outputBytes } = figures({}, 1000);
    expect([combinations, clips?.distinct, combinationSeconds]).toEqual([1000n, 2n, 6000]);
    expect(Number(outputBytes) / Number(figures().outputBytes)).toBeCloseTo(100, 3);
  });

  it("has figures where nothing can be planned", () => {
    const empty: Tally = { ...tally, planned: 0, clips: new Map(), sounds: new Map(), seconds: 0 };
    const there = { clips: nothing, sounds: nothing, voices: nothing };
    expect(figuresOf({ combinations: 10, tally: empty, there, cores: 2, costs })).toMatchObject({
      combinations: 10n,
      outputBytes: 0n,
      predictedSeconds: 0,
      saving: 1,
    });
  });

  it("goes by what parts of the class took before, else by those of the kind", () => {
    const sums = { parts: 10, coreSeconds: 50, amount: 1000, bytes: 2_000_000 };
    const learnt = costsBy({ "clip 10x10 footage": sums, "clip 20x20 still": { ...sums, coreSeconds: 150 } });
    expect([learnt.seconds(aClip), learnt.bytes(aClip)]).toEqual([5, 200_000]);
    expect(learnt.seconds({ ...aClip, name: "clip 20x20 still" })).toBe(15);
    expect(learnt.seconds({ ...aClip, name: "clip 99x99 footage" })).toBe(10);
    expect(learnt.seconds(aSound)).toBe(sound);
  });
});
