import { expect, it } from "vitest";
import { estimatedDistinct } from "./distinct.js";

/** Draws combinations without putting them back; combination i uses part i modulo `distinct`. */
function drawn(combinations: number, distinct: number, looked: number): { uses: number }[] {
  const all = Array.from({ length: combinations }, (_, i) => i);
  let state = 1;
  const uses = new Map<number, number>();
  for (let i = 0; i < looked; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    const other = i + Math.floor((state / 2 ** 32) * (combinations - i));
    [all[i], all[other]] = [all[other] ?? 0, all[i] ?? 0];
    const part = (all[i] ?? 0) % distinct;
    uses.set(part, (uses.get(part) ?? 0) + 1);
  }
  return [...uses.values()].map((one) => ({ uses: one }));
}

it.each([
  [100_000, 130, 10_000],
  [100_000, 20_000, 10_000],
  [100_000, 20_000, 25_000],
  [100_000, 50_000, 25_000],
  [100_000, 100_000, 10_000],
  [1_000_000, 200_000, 25_000],
])("of %i combinations with %i parts, %i suffice to estimate the number of parts", (combinations, distinct, looked) => {
  const estimated = estimatedDistinct(drawn(combinations, distinct, looked), looked / combinations);
  expect(Math.abs(estimated / distinct - 1)).toBeLessThan(0.15);
});

it("is exact if all combinations were planned", () => {
  expect(estimatedDistinct([{ uses: 1 }, { uses: 1 }, { uses: 3 }], 1)).toBe(3);
  expect(estimatedDistinct([], 1)).toBe(0);
});
