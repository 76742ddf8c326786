import { type MeasuredRecord, withPart } from "@polyreel/parts/costs";
import { expect, it } from "vitest";
import { costOn, lineThrough } from "./line.js";

const elsewhere = { each: 1, perUnit: 0.1 };

/** Measurements of makings of these amounts, with their costs. */
function measured(amounts: readonly number[], coreSeconds: (amount: number, i: number) => number) {
  let record: MeasuredRecord = {};
  for (const [i, amount] of amounts.entries()) {
    record = withPart(record, "sound", { amount, coreSeconds: coreSeconds(amount, i), bytes: 0 });
  }
  return record.sound;
}

it("keeps the defaults without measurements", () => expect(lineThrough(undefined, elsewhere)).toBe(elsewhere));

it("separates fixed from proportional costs if amounts differ", () => {
  const noise = (i: number) => (i % 2 === 0 ? 0.01 : -0.01);
  const line = lineThrough(
    measured([1, 2, 4, 8, 1, 2, 4, 8], (amount, i) => 0.5 + 0.02 * amount + noise(i)),
    elsewhere,
  );
  expect(line.each).toBeCloseTo(0.5, 1);
  expect(line.perUnit).toBeCloseTo(0.02, 2);
});

it.each([
  ["were alike", [10, 10, 10, 10, 10, 10, 10, 10, 10], () => 4],
  ["were few", [5, 15], () => 4],
  ["grew cheaper by chance", [5, 15, 5, 15, 5, 15, 5, 15], (amount: number) => (amount > 10 ? 3 : 5)],
])("keeps the proportions of elsewhere where they %s", (_, amounts, took) => {
  const line = lineThrough(measured(amounts, took), elsewhere);
  expect(line.each / line.perUnit).toBeCloseTo(10, 9);
  expect(costOn(line, 10)).toBeCloseTo(4, 9); // The cost of one of the mean amount.
});

it("adds the fixed cost for each part", () => expect(costOn(elsewhere, 50, 3)).toBe(3 + 5));

it("has no proportional cost without an amount", () =>
  expect(
    costOn(
      lineThrough(
        measured([0, 0, 0, 0, 0, 0, 0, 0], () => 0.002),
        { each: 0.001, perUnit: 0 },
      ),
      0,
    ),
  ).toBe(0.002));
