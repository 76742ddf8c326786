import { SampleMethod } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { selectionOf } from "./selection.js";
import { batchOf, block, labels } from "./testing/small-batches.js";

const sampled = (
  sizes: number[],
  count: number,
  { seed = 7, where = [] as string[], method = SampleMethod.BALANCED } = {},
) =>
  batchOf(
    sizes.map((size, i) =>
      block(
        `b${i}`,
        Array.from({ length: size }, (_, digit) => `${digit}`),
      ),
    ),
    { sample: { count: BigInt(count), seed: BigInt(seed), method }, where },
  );

/** Least and greatest number of uses of the choices of some blocks together. */
function spread(drawn: readonly string[], blocks: readonly number[], choices: number): [least: number, most: number] {
  const uses = new Map<string, number>();
  for (const one of drawn) {
    const digits = one.split(" ");
    const key = blocks.map((at) => digits[at]).join(" ");
    uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  return [uses.size < choices ? 0 : Math.min(...uses.values()), Math.max(...uses.values())];
}

const pairs = (blocks: number) =>
  Array.from({ length: blocks }, (_, b) => Array.from({ length: b }, (_, a) => [a, b])).flat();

describe("balanced samples", () => {
  it.each([0, 1, 2, 3, 4, 5])(
    "use every choice of 20 of 500 equally often, and pairs about so, with seed %i",
    (seed) => {
      const drawn = labels(sampled([10, 10, 5], 20, { seed }));
      expect(new Set(drawn).size).toBe(20);
      expect([0, 1, 2].map((at) => spread(drawn, [at], [10, 10, 5][at] ?? 0))).toEqual([
        [2, 2],
        [2, 2],
        [4, 4],
      ]);
      expect(spread(drawn, [0, 1], 100)).toEqual([0, 1]);
      for (const pair of [
        [0, 2],
        [1, 2],
      ])
        expect(spread(drawn, pair, 50)[1]).toBeLessThanOrEqual(2);
    },
  );

  it("use every choice of 1,000 of 1,000,000 equally often, and every pair about so", () => {
    const drawn = labels(sampled(Array(6).fill(10), 1000));
    for (let at = 0; at < 6; at++) expect(spread(drawn, [at], 10)).toEqual([100, 100]);
    for (const pair of pairs(6)) {
      const [least, most] = spread(drawn, pair, 100);
      expect([pair, least, most]).toEqual([pair, expect.toSatisfy((n) => n >= 6), expect.toSatisfy((n) => n <= 14)]);
    }
  });

  it("use each choice once before any twice if there are more than are compared", () => {
    const drawn = labels(sampled([1000, 10_000], 1000));
    expect(spread(drawn, [0], 1000)).toEqual([1, 1]);
    expect(spread(drawn, [1], 1000)).toEqual([1, 1]);
  });

  it("respect rules, and balance what these leave", () => {
    const drawn = labels(sampled([10, 10, 10], 60, { where: ["b0 != b1", "b2 != '3' || b0 == '3'"] }));
    expect(drawn.length).toBe(60);
    expect(drawn.every((one) => one[0] !== one[2] && (one[4] !== "3" || one[0] === "3"))).toBe(true);
    // Choosing in one block may leave only a choice of another that was taken more often.
    for (const at of [0, 1, 2]) {
      const [least, most] = spread(drawn, [at], 10);
      expect(most - least).toBeLessThanOrEqual(2);
    }
  });

  it("contain what few of a huge number of combinations a rule leaves", () => {
    const one = labels(sampled(Array(12).fill(10), 2, { where: Array.from({ length: 11 }, (_, i) => `b${i} == '4'`) }));
    expect(one).toHaveLength(2);
    expect(one.every((each) => each.startsWith("4 4 4 4 4 4 4 4 4 4 4 "))).toBe(true);
  });

  it("of any size are distinct, and each contains the smaller ones", () => {
    const of = (count: number) => labels(sampled([5, 4, 3], count, { where: ["b0 != b1"] }));
    const all = of(100);
    for (let count = 1; count < all.length; count++) {
      const drawn = of(count);
      expect(new Set(drawn).size).toBe(count);
      expect(all).toEqual(expect.arrayContaining(drawn));
      expect(of(count + 1)).toEqual(expect.arrayContaining(drawn));
    }
  });

  it("are continued by what a larger one adds, and by the rest", () => {
    const few = sampled([10, 10, 5], 20);
    const next = sampled([10, 10, 5], 30);
    const more = labels(next, selectionOf(next, [few]));
    expect([...labels(few), ...more].sort()).toEqual(labels(sampled([10, 10, 5], 50)).sort());
    const rest = sampled([10, 10, 5], 500);
    const others = labels(rest, selectionOf(rest, [few, next]));
    expect([...labels(few), ...more, ...others].sort()).toEqual(labels(rest).sort());
  });

  it("balance what a random sample began", () => {
    const random = sampled([10, 10], 20, { method: SampleMethod.RANDOM });
    const next = sampled([10, 10], 60);
    const drawn = [...labels(random), ...labels(next, selectionOf(next, [random]))];
    for (const at of [0, 1]) {
      const [least, most] = spread(drawn, [at], 10);
      expect(most - least).toBeLessThanOrEqual(2);
    }
  });

  it("keep the selection of batches accepted before samples had a method", () => {
    expect(labels(sampled([10, 10, 5], 5, { seed: 3, method: SampleMethod.RANDOM }))).toEqual(RANDOM_SINCE_EVER);
  });

  it("of a million are drawn in bounded time and memory", async () => {
    const before = process.memoryUsage().arrayBuffers;
    const huge = selectionOf(sampled(Array(12).fill(10), 1_000_000));
    await huge.prepare();
    expect((process.memoryUsage().arrayBuffers - before) / 2 ** 20).toBeLessThan(64);
    const uses = Array.from({ length: 12 }, () => new Array<number>(10).fill(0));
    for (const { positions } of huge.combinations()) {
      for (const [at, digit] of positions.entries()) (uses[at] as number[])[digit] = (uses[at]?.[digit] ?? 0) + 1;
    }
    // The last 870,000 are random: expected value 100,000, standard deviation 280.
    for (const count of uses.flat()) expect(Math.abs(count - 100_000)).toBeLessThan(2_000);
  });
});

/** As drawn by the release before. */
const RANDOM_SINCE_EVER = ["1 5 3", "2 9 0", "6 1 2", "6 7 2", "8 1 1"];
