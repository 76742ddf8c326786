import { expect, test } from "vitest";
import { evenly, type TextStyle } from "./style.js";
import { fitBlocks } from "./text-block.js";
import { layOutText } from "./text-layout.js";

const canvas = { width: 720, height: 1280 };
const white = { red: 255, green: 255, blue: 255, alpha: 1 };
const plain: TextStyle = {
  ...{ position: "bottom", align: "center", size: 0.065, maxWidth: 0.9, margins: evenly(0.06), weight: 700 },
  offset: { x: 0, y: 0 },
  colour: white,
};
const box = { colour: white, padding: 0.35, radius: 0.2 };
/** Every character is half as wide as the font is high; a line is 46.8 pixels high, the font 36. */
const measure = (fontSize: number, line: string) => (line.length * fontSize) / 2;

function lay(text: string, change: Partial<TextStyle> = {}, area = { x: 100, y: 200, width: 500, height: 300 }) {
  const style = { ...plain, ...change };
  const blocks = fitBlocks([text], style, canvas, measure)(1100);
  const [block] = blocks.blocks;
  if (!block) throw new Error("There is no block.");
  return layOutText(block, area, style, canvas);
}

test.each([
  ["left", "top", 100, 200],
  ["center", "center", 350 - 18, 350 - 23.4],
  ["right", "bottom", 600 - 36, 500 - 46.8],
] as const)("is placed in its area %s and at the %s", (align, position, x, top) => {
  const [line] = lay("ab", { align, position }).lines;
  expect(line?.x).toBeCloseTo(x);
  expect(line?.baseline).toBeCloseTo(top + (0.65 + 0.36) * 36);
});

test("lines are a line's height apart, each aligned", () => {
  const { lines } = lay("abcd\nab", { align: "right" });
  expect(lines.map(({ x }) => x)).toEqual([600 - 72, 600 - 36]);
  expect((lines[1]?.baseline ?? 0) - (lines[0]?.baseline ?? 0)).toBeCloseTo(46.8);
});

test("right-to-left text begins at its right end", () => {
  expect(lay("אבגד", { align: "left" }).lines[0]).toMatchObject({ direction: "rtl", x: 172 });
});

test("a box surrounds all lines", () => {
  const { box: around, lines } = lay("ab\nabcd", { box, position: "top", align: "left" });
  expect(around).toMatchObject({ x: 100, y: 200, radius: expect.closeTo(0.2 * 46.8) });
  expect(around?.width).toBeCloseTo(72 + 0.7 * 46.8);
  expect(lines[0]?.x).toBeCloseTo(100 + 0.35 * 46.8);
});

test("the picture is on the canvas, at even pixels, with the whole shadow", () => {
  const areas = [
    { x: 0, y: 0, width: 300, height: 60 },
    { x: 421, y: 1221, width: 299, height: 59 },
  ];
  const shadow = { colour: white, blur: 0.5, offset: -1 };
  for (const area of areas) {
    for (const change of [{}, { box }, { shadow }]) {
      const { image } = lay("Wg", change, area);
      expect(Object.values(image).filter((value) => value % 2 !== 0 || value < 0)).toEqual([]);
      expect(image.x + image.width).toBeLessThanOrEqual(720);
      expect(image.y + image.height).toBeLessThanOrEqual(1280);
    }
  }
  expect(lay("ab", { shadow }).image.x).toBeLessThan(lay("ab").image.x - 46.8 * 1.7);
});
