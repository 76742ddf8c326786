import * as library from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";
import { realWeight } from "./real-weight.js";

/** A library with one family. */
function libraryWith(weights: number[], axis?: { min: number; max: number }, style = "normal") {
  const styles = weights.map((weight) => ({ weight, width: "normal", style }));
  const axes = axis ? [{ ...axis, tag: 0x77676874, value: 400, def: 400, hidden: false }] : [];
  const fonts = { families: [{ family: "Brand", styles }], getVariationAxes: () => axes };
  return { GlobalFonts: fonts as unknown as typeof library.GlobalFonts };
}

test.each<[number, number[], number]>([
  [700, [400, 700], 700],
  [900, [400, 700], 700],
  [500, [400, 700], 400],
  [100, [400, 700], 400],
  [300, [200, 400], 400],
  [700, [400], 400],
  [400, [900], 900],
  [600, [], 600],
])("%i of %j is %i", (wanted, weights, real) => {
  expect(realWeight(wanted, "Brand", libraryWith(weights))).toBe(real);
});

describe("a variable font", () => {
  test.each([
    [350, 350],
    [100, 200],
    [900, 800],
  ])("%i is %i", (wanted, real) => {
    expect(realWeight(wanted, "Brand", libraryWith([400], { min: 200, max: 800 }))).toBe(real);
  });
});

test("uses italics if there is nothing else", () => {
  expect(realWeight(400, "Brand", libraryWith([700], undefined, "italic"))).toBe(700);
});

test("of an installed family", () => {
  expect([100, 400, 700, 900].map((weight) => realWeight(weight, "DejaVu Serif", library))).toEqual([
    400, 400, 700, 700,
  ]);
});
