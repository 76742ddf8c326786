import { describe, expect, it } from "vitest";
import { reached } from "../benchmark.js";
import { tableOf, written } from "./table.js";

const report = {
  predictedEncode27: 1.2,
  joinVsCopy: 1.25,
  joinVsReencode: 1800,
  clipSeconds: 4.56789,
  cpu: "a",
  node: "v1",
  quick: false,
};
const lineOf = (name: string, table: string) => table.split("\n").find((line) => line.startsWith(name));

describe("tableOf", () => {
  it("shows figures with their goals and whether they are reached", () => {
    const table = tableOf(report);
    expect(lineOf("joinVsCopy", table)).toMatch(/1\.25 x\s+<= 1\.2 {2}no/);
    expect(lineOf("joinVsReencode", table)).toMatch(/1,800 x\s+>= 1,500 {2}yes/);
    expect(lineOf("predictedEncode27", table)).toMatch(/1\.2 x\s+1 ± 0\.3 {2}yes/);
    expect(lineOf("clipSeconds", table)).toMatch(/4\.57 s/);
    expect(lineOf("firstVideo", table)).toBeUndefined();
  });

  it("compares a quick run with no goal", () => {
    const table = tableOf({ ...report, quick: true });
    expect(lineOf("joinVsCopy", table)).not.toMatch(/<=|no\b/);
    expect(table).toMatch(/nothing else/);
  });
});

it.each([
  [1.2, { atMost: 1.2 }, true],
  [1.21, { atMost: 1.2 }, false],
  [8, { atLeast: 8 }, true],
  [7.9, { atLeast: 8 }, false],
  [0.71, { within: 0.3 }, true],
  [1.31, { within: 0.3 }, false],
  [0.69, { within: 0.3 }, false],
])("checks %d against %j", (value, goal, expected) => expect(reached(value, goal)).toBe(expected));

it.each([
  [0.12345, "0.123"],
  [12.345, "12.3"],
  [12345.6, "12,346"],
  [0, "0"],
])("formats %d as %s", (value, expected) => expect(written(value)).toBe(expected));
