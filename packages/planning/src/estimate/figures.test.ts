import { create } from "@bufbuild/protobuf";
import { FailureSchema } from "@polyreel/contract";
import { withPart } from "@polyreel/parts/costs";
import { describe, expect, it } from "vitest";
import { costsBy, HEADER_BYTES, HEADER_BYTES_A_SECOND } from "./cost.js";
import { type Counted, figuresOf } from "./figures.js";
import type { OutputMix } from "./output-mix.js";
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
  renditions: new Map(),
  scopes: [],
  seconds: 60,
  failing: 0,
  failures: [],
};
const WRITTEN = { videos: 1, written: 1, virtual: 0, pictures: 0, others: 0, writtenShare: 0 };
const VIRTUAL = { videos: 1, written: 0, virtual: 1, pictures: 0, others: 0, writtenShare: 0 };
const costs = costsBy({}, WRITTEN);
const nothing = new Map<string, number>();
const nowhere = { clips: nothing, sounds: nothing, voices: nothing, renditions: nothing };
const base: Counted = {
  ...{
    combinations: 10,
    tally,
    existing: nowhere,
    first: undefined,
    outputs: WRITTEN,
    decodedBytes: 0,
    cores: 1,
    costs,
  },
};
const figures = (existing: Partial<Counted["existing"]> = {}, rest: Partial<Counted> = {}) =>
  figuresOf({ ...base, existing: { ...nowhere, ...existing }, ...rest });
const aClip = { name: "clip 10x10 footage", seconds: 4, megapixels: 100 };
const aSound = { name: "sound", seconds: 6, megapixels: 0 };
const clip = costs.seconds(aClip);
const sound = costs.seconds(aSound);

describe("figuresOf", () => {
  it("counts the parts to be made, and the savings by sharing", () => {
    const { clips, soundtracks, combinationSeconds, clipSeconds, saving, predictedSeconds } = figures();
    expect(clips).toMatchObject({ distinct: 2n, there: 0n });
    expect(soundtracks).toMatchObject({ distinct: 1n, there: 0n });
    expect([combinationSeconds, clipSeconds]).toEqual([60, 8]);
    expect(saving).toBeCloseTo((15 * clip + 10 * sound) / (2 * clip + sound), 10);
    expect(predictedSeconds).toBeGreaterThan(2 * clip + sound);
  });

  it("leaves out existing parts", () => {
    const all = figures();
    const some = figures({ clips: new Map([["a", 0]]) });
    expect(some.clips).toMatchObject({ distinct: 2n, there: 1n });
    expect(some.clipSeconds).toBe(4);
    expect(some.saving).toBe(all.saving);
    expect(all.predictedSeconds - some.predictedSeconds).toBeCloseTo(clip, 10);
    expect(figures({}, { cores: 2 }).predictedSeconds).toBeCloseTo(all.predictedSeconds / 2 + clip / 2, 10);
    expect(all.encodeCoreSeconds - some.encodeCoreSeconds).toBeCloseTo(clip, 10);
    expect(all.storeBytes - some.storeBytes).toBe(BigInt(Math.round(costs.bytes(aClip))));
  });

  it("assumes one core per part, however many cores there are", () =>
    expect(figures({}, { cores: 1e9 }).predictedSeconds).toBeCloseTo(clip, 6));

  it("predicts the first video from its own parts alone", () => {
    const [a] = tally.clips;
    const first = { ...tally, seen: 1, planned: 1, clips: new Map(a ? [a] : []), seconds: 4 };
    const seconds = figures({}, { first }).firstVideoSeconds;
    expect(seconds).toBeGreaterThan(clip + sound);
    expect(seconds).toBeLessThan(clip + sound + 0.05);
    expect(figures().firstVideoSeconds).toBe(0);
  });

  it("separates written bytes from bytes of the store", () => {
    const { outputBytes, writtenBytes } = figures();
    expect(writtenBytes).toBe(outputBytes);
    const virtual = figures({}, { outputs: VIRTUAL, costs: costsBy({}, VIRTUAL), decodedBytes: 1000 });
    expect([virtual.outputBytes, virtual.writtenBytes]).toEqual([outputBytes, 0n]);
    expect(virtual.storeBytes).toBe(figures().storeBytes + 1000n);
    expect(virtual.predictedSeconds).toBeLessThan(figures().predictedSeconds);
  });

  it("takes sizes of existing parts, and estimates others by pixels", () => {
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

  it("extrapolates from a sample of the combinations", () => {
    const { combinations, clips, combinationSeconds, outputBytes, drawn } = figures({}, { combinations: 1000 });
    expect([combinations, clips?.distinct, combinationSeconds]).toEqual([1000n, 2n, 6000]);
    expect([drawn, clips?.about, figures().drawn, figures().clips?.about]).toEqual([10n, true, 0n, false]);
    expect(Number(outputBytes) / Number(figures().outputBytes)).toBeCloseTo(100, 3);
  });

  it("scales the failures of a sample up, and marks them", () => {
    const failure = create(FailureSchema, { reason: "It is gone." });
    const failing = { ...tally, planned: 7, failing: 3, failures: [{ failure, combinations: 2 }] };
    const whole = figures({}, { tally: failing });
    expect([whole.failing, whole.failures]).toMatchObject([3n, [{ failure, combinations: 2n, about: false }]]);
    const sampled = figures({}, { tally: failing, combinations: 1000 });
    expect([sampled.failing, sampled.failures]).toMatchObject([300n, [{ combinations: 200n, about: true }]]);
    const many = { ...failing, failures: Array.from({ length: 101 }, () => ({ failure, combinations: 1 })) };
    expect(figures({}, { tally: many }).failures).toHaveLength(100);
  });

  it("gives figures even if no combination can be planned", () => {
    const empty: Tally = { ...tally, planned: 0, clips: new Map(), sounds: new Map(), seconds: 0 };
    expect(figures({}, { tally: empty })).toMatchObject({
      combinations: 10n,
      outputBytes: 0n,
      predictedSeconds: 0,
      saving: 1,
    });
  });

  it("uses measured costs of the class, or else of the kind, and reports their number", () => {
    const made = { coreSeconds: 5, amount: 100, bytes: 200_000 };
    let record = {};
    for (let i = 0; i < 10; i++) {
      record = withPart(record, "clip 10x10 footage", made);
      record = withPart(record, "clip 20x20 still", { ...made, coreSeconds: 15 });
    }
    const measured = costsBy(record, WRITTEN);
    expect(measured.seconds(aClip)).toBeCloseTo(5, 9);
    expect(measured.bytes(aClip)).toBe(200_000);
    expect(measured.seconds({ ...aClip, name: "clip 20x20 still" })).toBeCloseTo(15, 9);
    expect(measured.seconds({ ...aClip, name: "clip 99x99 footage" })).toBeCloseTo(10, 9);
    expect(measured.seconds(aSound)).toBe(sound);
    const { clips, soundtracks, measuredCombinations } = figures({}, { costs: measured });
    expect([clips?.measured, soundtracks?.measured, measuredCombinations]).toEqual([10n, 0n, 0n]);
    const both = new Set(["clip 10x10 footage", "clip 99x99 footage", "clip 98x98 footage"]);
    expect(measured.measured(both)).toBe(10 + 20);
  });

  it("uses measured costs of joins and deliveries, with separate ones for virtual deliveries", () => {
    const measured = (outputs: OutputMix) => {
      let record = {};
      for (let i = 0; i < 20; i++) {
        record = withPart(record, "join", { coreSeconds: 0.003, amount: 0, bytes: 1e6 });
        record = withPart(record, "delivery virtual", { coreSeconds: 0.001, amount: 0, bytes: 0 });
        const megabytes = 1 + (i % 4);
        const took = 0.002 + 0.001 * megabytes;
        record = withPart(record, "delivery written", { coreSeconds: took, amount: megabytes, bytes: megabytes * 1e6 });
      }
      return costsBy(record, outputs);
    };
    const planning = costs.combinations(1, 0) - 0.0005 - 0.001;
    expect(measured(VIRTUAL).combinations(100, 5e9)).toBeCloseTo(100 * (planning + 0.003 + 0.001), 9);
    expect(measured(WRITTEN).combinations(100, 5e9)).toBeCloseTo(100 * (planning + 0.003 + 0.002) + 5000 * 0.001, 9);
    expect(measured(WRITTEN).measuredCombinations).toBe(20);
  });
});
