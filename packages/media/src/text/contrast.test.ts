import { expect, test } from "vitest";
import { contrast, contrasting, luminance } from "./contrast.js";
import { parseColour } from "./text-colour.js";

test.each([
  ["#ffffff", "#000000", 21],
  ["#ff0000", "#ffffff", 4],
  ["#ff0000", "#000000", 5.25],
  ["#0000ff", "#ffffff", 8.59],
  ["#767676", "#ffffff", 4.54],
])("the contrast of %s and %s is %d", (one, other, expected) => {
  expect(contrast(luminance(parseColour(one)), luminance(parseColour(other)))).toBeCloseTo(expected, 2);
});

test.each([
  ["#ffffffff", 0, 255],
  ["#ffe600ff", 0, 255],
  ["#ff0000ff", 0, 255],
  ["#111111ff", 255, 0],
  ["#0000ffff", 255, 0],
])("%s is set off by %d, opaque enough on a picture of %d", (hex, expected, worst) => {
  const colour = parseColour(hex);
  const edge = contrasting(colour, 5);
  expect(edge.red).toBe(expected);
  const seen = edge.alpha * expected + (1 - edge.alpha) * worst;
  expect(contrast(luminance(colour), luminance({ red: seen, green: seen, blue: seen }))).toBeCloseTo(5, 5);
});

test("is opaque where black and white contrast too little, and as transparent as the colour", () => {
  expect(contrasting(parseColour("#808080"), 9)).toEqual({ red: 0, green: 0, blue: 0, alpha: 1 });
  expect(contrasting(parseColour("#80808000"), 9).alpha).toBe(0);
});
