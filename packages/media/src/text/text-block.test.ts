import { describe, expect, test } from "vitest";
import { breakLines } from "./break-lines.js";
import { evenly, type TextStyle } from "./style.js";
import { fitBlocks } from "./text-block.js";

const canvas = { width: 720, height: 1280 };
const white = { red: 255, green: 255, blue: 255, alpha: 1 };
const plain: TextStyle = {
  ...{ position: "bottom", align: "center", size: 0.065, maxWidth: 0.9, margins: evenly(0.06), weight: 700 },
  offset: { x: 0, y: 0 },
  colour: white,
};
const box = { colour: white, padding: 0.35, radius: 0.2 };
/** Every character is half as wide as the font is high. */
const measure = (fontSize: number, line: string) => (line.length * fontSize) / 2;
const fit = (texts: string[], change: Partial<TextStyle> = {}, maxHeight = 1100, on = canvas) =>
  fitBlocks(texts, { ...plain, ...change }, on, measure)(maxHeight);

test("the size is a line's height relative to the shorter side", () => {
  expect(fit(["Half price"]).fontSize).toBeCloseTo((0.065 * 720) / 1.3);
  expect(fit(["Half price"], {}, 700, { width: 1280, height: 720 }).fontSize).toBeCloseTo((0.065 * 720) / 1.3);
});

test("a block is as large as its lines", () => {
  const { blocks, fontSize } = fit(["one\nlonger\ntwo"]);
  expect(blocks[0]?.lines.map(({ text }) => text)).toEqual(["one", "longer", "two"]);
  expect(blocks[0]).toMatchObject({ width: 3 * fontSize, height: expect.closeTo(3 * 0.065 * 720) });
});

test("a box adds its padding, an outline its width", () => {
  const { blocks, fontSize } = fit(["one"], { box });
  expect(blocks[0]?.width).toBeCloseTo((1.5 + 2 * 0.35 * 1.3) * fontSize);
  expect(blocks[0]?.height).toBeCloseTo((1.3 + 2 * (0.35 * 1.3 - 0.25)) * fontSize);
  expect(fit(["one"], { outline: { colour: white, width: 0.1 } }).width).toBeCloseTo((1.5 + 2 * 0.13) * fontSize);
});

describe("is made smaller until it fits", () => {
  const long = "All of these words have to be read. ".repeat(40);

  test.each([0.05, 0.3, 1])("from size %f", (size) => {
    const { height, width } = fit([long], { size });
    expect(height).toBeLessThanOrEqual(1100);
    if (size > 0.05) expect(height).toBeGreaterThan(880);
    expect(width).toBeLessThanOrEqual(0.88 * 720);
  });

  test("in one size for all texts at the same place", () => {
    const { blocks, fontSize, height } = fit(["short", long], { size: 0.3 });
    expect(blocks.map(({ lines }) => lines.length > 1)).toEqual([false, true]);
    expect(blocks[0]?.height).toBeCloseTo(1.3 * fontSize);
    expect(height).toBe(blocks[1]?.height);
  });

  test("the smaller the height, the smaller", () => {
    const fitted = fitBlocks([long], { ...plain, box }, canvas, measure);
    const sizes = [1100, 600, 300, 150].map((maxHeight) => fitted(maxHeight).fontSize);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(new Set(sizes).size).toBe(4);
  });
});

test("boxes and texts keep the safe area at any requested width", () => {
  for (const margin of [0, 0.06, 0.2]) {
    const { width } = fit(["words ".repeat(50)], { margins: evenly(margin), box, maxWidth: 1 });
    expect(width).toBeLessThanOrEqual((1 - 2 * margin) * 720);
  }
});

test("a text with a word that is wider than a line is made smaller, by half at most", () => {
  const filling = { breaking: breakLines, smallest: 0.5 };
  const words = ["x".repeat(10), "x".repeat(60), "x".repeat(200)];
  for (const style of [plain, { ...plain, box }]) {
    const { blocks, fontSize } = fitBlocks(words, style, canvas, measure, filling)(1100);
    expect(blocks.map(({ lines }) => lines.length)).toEqual([1, 1, expect.any(Number)]);
    expect(blocks[0]?.fontSize).toBe(fontSize);
    expect(blocks[1]?.width).toBeGreaterThan(0.85 * 720);
    expect(blocks[1]?.width).toBeLessThanOrEqual(0.88 * 720);
    expect(blocks[2]?.fontSize).toBe(fontSize / 2);
  }
});
