import { describe, expect, it } from "vitest";
import { selectionOf } from "./selection.js";
import { batchOf, block, labels } from "./testing/small-batches.js";

describe("samples", () => {
  const digits = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
  const sampled = (sizes: number[], count: number, seed: number, where: string[] = []) =>
    batchOf(
      sizes.map((size, i) => block(`b${i}`, digits(size))),
      { sample: { count: BigInt(count), seed: BigInt(seed) }, where },
    );

  it("are the same for the same seed, and different for another", () => {
    const seven = labels(sampled([10, 10, 10], 20, 7));
    expect(labels(sampled([10, 10, 10], 20, 7))).toEqual(seven);
    expect(labels(sampled([10, 10, 10], 20, 8))).not.toEqual(seven);
    expect(new Set(seven).size).toBe(20);
  });

  it("grow by adding", () => {
    const few = labels(sampled([10, 10, 10], 20, 7));
    expect(labels(sampled([10, 10, 10], 100, 7))).toEqual(expect.arrayContaining(few));
  });

  it.each([[[12]], [[3, 4]], [[7, 13]]])(
    "of %j draw each combination about equally often, over many seeds",
    (sizes) => {
      const total = sizes.reduce((product, size) => product * size, 1);
      const times = new Map<string, number>();
      const seeds = 100 * total;
      for (let seed = 0; seed < seeds; seed++) {
        for (const one of labels(sampled(sizes, 1, seed))) times.set(one, (times.get(one) ?? 0) + 1);
      }
      // Expected value 100, standard deviation 10: five of them occur once in a million draws.
      for (const count of times.values()) expect(Math.abs(count - 100)).toBeLessThan(50);
      expect(times.size).toBe(total);
    },
  );

  it("cover every choice", () => {
    const drawn = labels(sampled([10, 10, 10, 10, 10, 10], 1000, 1));
    for (let place = 0; place < 6; place++) {
      for (const digit of digits(10)) {
        // Expected value 100, standard deviation 9.5.
        const count = drawn.filter((one) => one.split(" ")[place] === digit).length;
        expect(Math.abs(count - 100)).toBeLessThan(50);
      }
    }
  });

  it("can be drawn from far more than can be listed, with and without rules", async () => {
    const huge = sampled(Array(12).fill(10), 1000, 5, ["b0 != b11"]);
    const drawn = labels(huge);
    expect(drawn.length).toBe(1000);
    expect(new Set(drawn).size).toBe(1000);
    expect(drawn.every((one) => one.split(" ")[0] !== one.split(" ")[11])).toBe(true);
    expect(drawn).toEqual([...drawn].sort());
    expect(await selectionOf(huge).count()).toBe(1000);
  });
});
