import { expect, test } from "vitest";
import { layOutText } from "./text-layout.js";

const canvas = { width: 720, height: 1280 };
const overlay = { text: "Half price today", position: "bottom", size: 0.065, maxWidth: 0.9, boxColor: "" };
/** Every character is half as wide as the font is high. */
const measure = (fontSize: number, line: string) => (line.length * fontSize) / 2;
const lay = (change: Partial<typeof overlay> = {}, on = canvas) => layOutText({ ...overlay, ...change }, on, measure);

test("the size is a line's height relative to the shorter side", () => {
  expect(lay().fontSize).toBeCloseTo((0.065 * 720) / 1.3);
  expect(lay({}, { width: 1280, height: 720 }).fontSize).toBeCloseTo((0.065 * 720) / 1.3);
});

test.each([
  ["top", 0.06 * 1280],
  ["center", 640 - 0.065 * 360],
  ["bottom", 0.94 * 1280 - 0.065 * 720],
])("at the %s it keeps the margin", (position, top) => {
  const [line] = lay({ position }).lines;
  expect(line?.baseline).toBeCloseTo(top + (0.65 + 0.36) * 36);
});

test("lines stand a line's height apart", () => {
  const { lines } = lay({ text: "one\ntwo\nthree" });
  expect(lines.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  expect((lines[2]?.baseline ?? 0) - (lines[0]?.baseline ?? 0)).toBeCloseTo(2 * 0.065 * 720);
});

test("a box lies around all lines, inside the margins", () => {
  const { box, fontSize } = lay({ text: "one\nlonger", boxColor: "#000000a0", position: "top" });
  expect(box).toMatchObject({ y: 0.06 * 1280, width: 3 * fontSize + 0.9 * fontSize });
  expect(box?.height).toBeCloseTo((2 * 1.3 + 0.4) * fontSize);
});

test.each([0.05, 0.3, 1])("a text of size %f that is too high is made smaller until it fits", (size) => {
  const { lines, fontSize } = lay({ text: "All of these words have to be read. ".repeat(40), size });
  const height = lines.length * 1.3 * fontSize;
  expect(height).toBeLessThanOrEqual(0.88 * 1280);
  if (size > 0.05) expect(height).toBeGreaterThan(0.7 * 1280);
  expect(Math.max(...lines.map(({ text }) => measure(fontSize, text)))).toBeLessThanOrEqual(0.9 * 720);
});

test("the picture lies on the canvas, at even pixels", () => {
  for (const change of [{}, { size: 0.9, text: "Wg" }, { maxWidth: 1, boxColor: "#000000", text: "x".repeat(100) }]) {
    const { image } = lay(change);
    expect(Object.values(image).filter((value) => value % 2 !== 0 || value < 0)).toEqual([]);
    expect(image.x + image.width).toBeLessThanOrEqual(720);
    expect(image.y + image.height).toBeLessThanOrEqual(1280);
  }
});
