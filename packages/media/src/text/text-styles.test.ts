import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bounds, draw, isBlue, isRed, isWhite, overlay, pixels, pixelsOf } from "./testing/drawn.js";
import { makeFont } from "./testing/make-font.js";

test.each([
  ["left", 0.1 * 360, undefined],
  ["center", undefined, undefined],
  ["right", undefined, 0.9 * 360],
])("aligned %s inside the safe area, all lines", async (align, left, right) => {
  for (const boxColor of ["", "#0000ffff"]) {
    const found = await pixels("HHHH\nH", { align, safeArea: 0.1, boxColor, weight: 400 });
    const outer = bounds(found.filter(boxColor ? isBlue : isWhite));
    const lower = bounds(found.filter((pixel) => isWhite(pixel) && pixel.y > (outer.top + outer.bottom) / 2));
    const upper = bounds(found.filter((pixel) => isWhite(pixel) && pixel.y < (outer.top + outer.bottom) / 2));
    // H has a small side bearing.
    if (left !== undefined) {
      expect(Math.abs(outer.left - left)).toBeLessThan(4);
      expect(Math.abs(lower.left - upper.left)).toBeLessThan(2);
    } else if (right !== undefined) {
      expect(Math.abs(outer.right - right)).toBeLessThan(5);
      expect(Math.abs(lower.right - upper.right)).toBeLessThan(2);
    } else expect(Math.abs(lower.left + lower.right - upper.left - upper.right)).toBeLessThan(3);
    expect(outer.bottom).toBeLessThanOrEqual(0.9 * 640);
  }
});

test("an outline of the requested width, and nothing beyond it", async () => {
  const found = await pixels("I", { outlineColor: "#ff0000ff", outlineWidth: 0.25 });
  const letter = bounds(found.filter(isWhite));
  const outline = bounds(found.filter(isRed));
  // A line is 36 pixels high.
  expect(Math.abs(letter.left - outline.left - 9)).toBeLessThan(2);
  expect(Math.abs(outline.bottom - letter.bottom - 9)).toBeLessThan(2);
  expect(bounds(found).left).toBeGreaterThanOrEqual(outline.left - 2);
  expect(outline.bottom).toBeLessThanOrEqual(0.94 * 640);
});

test("a shadow to the right and below, with the requested blur", async () => {
  const shadow = { shadowColor: "#ff0000ff", shadowOffset: 0.5 };
  const letter = bounds((await pixels("I", shadow)).filter(isWhite));
  const hard = bounds((await pixels("I", { ...shadow, shadowBlur: 0 })).filter(isRed));
  expect(Math.abs(hard.right - letter.right - 18)).toBeLessThan(2);
  expect(Math.abs(hard.bottom - letter.bottom - 18)).toBeLessThan(2);
  const soft = bounds(await pixels("I", { ...shadow, shadowBlur: 0.5 }));
  expect(soft.right - hard.right).toBeGreaterThan(5);
  expect(soft.right - hard.right).toBeLessThan(36);
});

test("a box with the requested padding on all sides", async () => {
  const width = async (boxPadding: number) => {
    const found = await pixels("HHH", { boxColor: "#0000ffff", boxPadding, boxRadius: 0 });
    const [box, letters] = [bounds(found.filter(isBlue)), bounds(found.filter(isWhite))];
    expect(found.some(({ x, y }) => x === box.left && y === box.top)).toBe(true);
    return { side: letters.left - box.left, above: letters.top - box.top, below: box.bottom - letters.bottom };
  };
  const { side, above, below } = await width(0.5);
  for (const distance of [side, above, below]) expect(Math.abs(distance - 18)).toBeLessThan(4);
  expect((await width(1)).side - side).toBeCloseTo(18, -0.5);
});

test("weights that the family has", async () => {
  const ink = async (weight: number) => (await pixels("Weight", { weight, boxColor: "#00000000" })).length;
  expect(await ink(700)).toBeGreaterThan(1.1 * (await ink(400)));
  expect(await ink(900)).toBe(await ink(700));
});

test("an installed family, with missing characters from the default ones", async () => {
  const serif = bounds(await pixels("mmmm", { font: "dejavu serif" }));
  const sans = bounds(await pixels("mmmm"));
  expect(serif.right - serif.left).toBeGreaterThan(1.05 * (sans.right - sans.left));
  expect((await pixels("你好", { font: "DejaVu Serif" })).length).toBe((await pixels("你好")).length);
});

test("refuses a family that is not installed", async () => {
  await expect(draw([overlay("Hello", { font: "Deja Vu Seriff" })])).rejects.toMatchObject({
    code: "invalid",
    failure: { remedy: expect.stringContaining('Did you mean "DejaVu Serif"') },
  });
});

test("a font file, with characters that no installed font has", async () => {
  const folder = await mkdtemp(join(tmpdir(), "font-"));
  try {
    const path = join(folder, "font");
    await writeFile(path, makeFont("Logos", "\u{e123}"));
    const logo = (text: string) => draw([overlay(text, { fontSha256: "ab".repeat(32), boxColor: "#00000000" })], path);
    const square = bounds((await pixelsOf((await logo("\u{e123}"))[0])).filter(({ alpha }) => alpha > 127));
    // As large as the font: a line is 36 pixels high.
    expect(Math.abs(square.right - square.left - 36 / 1.3)).toBeLessThan(2);
    await expect(logo("\u{e124}")).rejects.toMatchObject({
      failure: {
        reason: expect.stringContaining("Neither the font file nor any installed font has \u{e124} (U+E124)"),
      },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
