import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { TEXT_ENGINE } from "./engine.js";
import { bounds, draw, isWhite, overlay, type Pixel, pixels, pixelsOf } from "./testing/drawn.js";
import { makeFont } from "./testing/make-font.js";

const isBlue = ({ red, green, blue, alpha }: Pixel) => red < 10 && green < 10 && blue > 245 && alpha > 250;
const isRed = ({ red, green, blue, alpha }: Pixel) => red > 245 && green < 10 && blue < 10 && alpha > 250;

describe("draws", () => {
  test.each([
    ["top", 0.06 * 640, 0.06 * 640 + 36],
    ["center", 320 - 18, 320 + 18],
    ["bottom", 0.94 * 640 - 36, 0.94 * 640],
  ])("at the %s, centered, inside its line", async (position, top, bottom) => {
    const letters = bounds((await pixels("HHH", { position })).filter(isWhite));
    expect(letters.top).toBeGreaterThan(top);
    expect(letters.bottom).toBeLessThan(bottom);
    expect(Math.abs((letters.left + letters.right) / 2 - 180)).toBeLessThan(2);
    expect(Math.abs((letters.top + letters.bottom) / 2 - (top + bottom) / 2)).toBeLessThan(2);
  });

  test("in the colour that is asked for, set off by a darker one around it", async () => {
    const found = await pixels("HHH", { color: "#ffdd00ff" });
    expect(
      found.some(({ red, green, blue, alpha }) => red === 255 && green === 221 && blue === 0 && alpha === 255),
    ).toBe(true);
    const around = found.filter(({ red, alpha }) => red < 10 && alpha > 100);
    expect(bounds(around).left).toBeLessThan(bounds(found.filter(({ red }) => red === 255)).left);
  });

  test("as translucent as is asked for", async () => {
    const found = await pixels("HHH", { color: "#ffffff80", boxColor: "#ffffff00" });
    expect(Math.max(...found.map(({ alpha }) => alpha))).toBe(128);
  });

  test("a box behind the text, with round corners", async () => {
    const found = await pixels("HHH", { boxColor: "#0000ffff" });
    const box = bounds(found.filter(isBlue));
    const letters = bounds(found.filter(isWhite));
    expect(box.left).toBeLessThan(letters.left - 5);
    expect(box.right).toBeGreaterThan(letters.right + 5);
    expect(found.some(({ x, y }) => x === box.left && y === box.top)).toBe(false);
  });

  test("nothing beyond the wrapping width but outline and shadow", async () => {
    const letters = bounds((await pixels("Wrapped at half of the width", { maxWidth: 0.5 })).filter(isWhite));
    expect(letters.right - letters.left).toBeLessThanOrEqual(180);
    expect(letters.bottom - letters.top).toBeGreaterThan(2 * 36);
  });

  test("emoji in their own colours", async () => {
    const found = await pixels("❤️");
    expect(found.filter(({ red, green, blue }) => red > 180 && green < 90 && blue < 90).length).toBeGreaterThan(50);
  });

  test("Arabic letters joined: a word is one piece, narrower than its letters apart", async () => {
    const word = bounds((await pixels("سلسلة")).filter(isWhite));
    const apart = bounds((await pixels("س\u200cل\u200cس\u200cل\u200cة")).filter(isWhite));
    expect(word.right - word.left).toBeLessThan(0.9 * (apart.right - apart.left));
  });

  test("Hebrew from right to left: what comes last stands at the left", async () => {
    const found = await pixels("שלום ❤️");
    const heart = bounds(found.filter(({ red, green, alpha }) => red > 180 && green < 90 && alpha === 255));
    expect(heart.right).toBeLessThan(bounds(found.filter(isWhite)).left);
  });
});

describe("styles", () => {
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
      // H has a little room at its sides.
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

  test("an outline of the width that is asked for, and nothing beyond it", async () => {
    const found = await pixels("I", { outlineColor: "#ff0000ff", outlineWidth: 0.25 });
    const letter = bounds(found.filter(isWhite));
    const outline = bounds(found.filter(isRed));
    // A line is 36 pixels high.
    expect(Math.abs(letter.left - outline.left - 9)).toBeLessThan(2);
    expect(Math.abs(outline.bottom - letter.bottom - 9)).toBeLessThan(2);
    expect(bounds(found).left).toBeGreaterThanOrEqual(outline.left - 2);
    expect(outline.bottom).toBeLessThanOrEqual(0.94 * 640);
  });

  test("a shadow to the right and below, as blurred as is asked for", async () => {
    const shadow = { shadowColor: "#ff0000ff", shadowOffset: 0.5 };
    const letter = bounds((await pixels("I", shadow)).filter(isWhite));
    const hard = bounds((await pixels("I", { ...shadow, shadowBlur: 0 })).filter(isRed));
    expect(Math.abs(hard.right - letter.right - 18)).toBeLessThan(2);
    expect(Math.abs(hard.bottom - letter.bottom - 18)).toBeLessThan(2);
    const soft = bounds(await pixels("I", { ...shadow, shadowBlur: 0.5 }));
    expect(soft.right - hard.right).toBeGreaterThan(5);
    expect(soft.right - hard.right).toBeLessThan(36);
  });

  test("a box with so much padding from the letters on all sides", async () => {
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

  test("an installed family, whose missing characters come from the default ones", async () => {
    const serif = bounds(await pixels("mmmm", { font: "dejavu serif" }));
    const sans = bounds(await pixels("mmmm"));
    expect(serif.right - serif.left).toBeGreaterThan(1.05 * (sans.right - sans.left));
    expect((await pixels("你好", { font: "DejaVu Serif" })).length).toBe((await pixels("你好")).length);
  });

  test("a family that is not installed is told", async () => {
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
      const logo = (text: string) => draw([overlay(text, { fontSha256: "ab".repeat(32) })], path);
      const square = bounds((await pixelsOf((await logo("\u{e123}"))[0])).filter(isWhite));
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
});

test("texts at the same position don't lie over each other, and each fades as it says", async () => {
  const boxed = { boxColor: "#0000ffff" };
  const pictures = await draw([
    overlay("One", { ...boxed, fadeInSeconds: 0.5 }),
    overlay("Two", { ...boxed, fadeOutSeconds: 1 }),
  ]);
  const [one, two] = await Promise.all(
    pictures.map(async (picture) => bounds((await pixelsOf(picture)).filter(isBlue))),
  );
  expect(two?.bottom).toBeLessThan(one?.top ?? 0);
  expect(pictures.map(({ fadeInSeconds, fadeOutSeconds }) => [fadeInSeconds, fadeOutSeconds])).toEqual([
    [0.5, undefined],
    [undefined, 1],
  ]);
});

describe("captions", () => {
  const said = (text: string) =>
    text.split(" ").map((word, i) => ({ text: word, startSeconds: i / 2, endSeconds: i / 2 + 0.4 }));

  test.each([
    ["from left to right", "These words appear as they are"],
    ["from right to left", "مرحبا بكم في عالمنا الجميل جدا"],
  ])("%s: words come, and none moves", async (direction, text) => {
    const pictures = await draw([overlay("", { words: said(text), align: "left" })]);
    expect(pictures.map(({ fromSeconds, toSeconds }) => [fromSeconds, toSeconds])).toEqual([
      ...[0, 0.5, 1, 1.5, 2].map((from) => [from, from + 0.5]),
      [2.5, 3.3],
    ]);
    let before: Pixel[] = [];
    for (const picture of pictures) {
      const now = (await pixelsOf(picture)).filter(isWhite);
      expect(now.length).toBeGreaterThan(before.length);
      const places = new Set(now.map(({ x, y }) => y * 360 + x));
      expect(before.filter(({ x, y }) => !places.has(y * 360 + x))).toEqual([]);
      before = now;
    }
    const first = bounds((await pixelsOf(pictures[0])).filter(isWhite));
    const line = bounds(before.filter(({ y }) => y <= first.bottom));
    if (direction === "from left to right") expect(first.left).toBe(line.left);
    else expect(first.right).toBe(line.right);
  });

  test("a box lies around the whole phrase from its first word on", async () => {
    const pictures = await draw([overlay("", { words: said("a few words"), boxColor: "#0000ffff" })]);
    const boxes = await Promise.all(pictures.map(async (picture) => bounds((await pixelsOf(picture)).filter(isBlue))));
    expect(boxes).toHaveLength(3);
    expect(new Set(boxes.map((box) => JSON.stringify(box))).size).toBe(1);
  });

  test("phrases have at most two lines", async () => {
    const pictures = await draw([overlay("", { words: said("extraordinarily ".repeat(12).trim()) })]);
    const heights = await Promise.all(pictures.map(async (picture) => bounds(await pixelsOf(picture))));
    expect(pictures).toHaveLength(12);
    expect(Math.max(...heights.map(({ top, bottom }) => bottom - top))).toBeLessThan(2.7 * 36);
  });
});

test.each(["", "  \n ", "\u200b\u200e", "\u0000"])("%j is nothing to draw", async (text) => {
  expect(await draw([overlay(text)])).toEqual([]);
});

test.each([
  "'; drawtext=textfile=/etc/passwd:x=0 [out]; \\' %{expr} $HOME `id`",
  `e${"\u0301".repeat(2000)}`,
  "word ".repeat(400),
  "x".repeat(2000),
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ ☎︎ ﷽ 𝕏 ½ ₹",
])("draws %.20j... as it stands", async (text) => {
  expect((await pixels(text)).length).toBeGreaterThan(100);
});

test("the same text gives the same bytes", async () => {
  const [first, second] = await Promise.all([0, 1].map(() => draw([overlay("Größe 你好 ❤️")])));
  expect(first).toEqual(second);
});

test("a character that no font has is told, with its code", async () => {
  await expect(draw([overlay("Price \u{e123} and \u{f0000}")])).rejects.toMatchObject({
    code: "invalid",
    failure: {
      reason:
        "No installed font has \u{e123} (U+E123), \u{f0000} (U+F0000), in the text " +
        '"Price \u{e123} and \u{f0000}".',
      remedy: expect.stringContaining("apt install fonts-noto-core"),
    },
  });
});

test("a machine without fonts is told what to install", async () => {
  vi.resetModules();
  vi.doMock("@napi-rs/canvas", () => ({ GlobalFonts: { families: [] }, createCanvas: vi.fn(), loadImage: vi.fn() }));
  try {
    const { draw: onBareMachine } = await import("./testing/drawn.js");
    await expect(onBareMachine([overlay("Hello")])).rejects.toMatchObject({
      code: "unavailable",
      failure: { remedy: expect.stringContaining("apt install fonts-noto-core") },
    });
  } finally {
    vi.doUnmock("@napi-rs/canvas");
  }
});

test("no colour is told", async () => {
  await expect(draw([overlay("Hello", { color: "red" })])).rejects.toMatchObject({ code: "invalid" });
});

test("the engine names the version that draws", () => {
  const { version } = createRequire(import.meta.url)("@napi-rs/canvas/package.json") as { version: string };
  expect(TEXT_ENGINE).toContain(`canvas ${version}`);
});
