import { createRequire } from "node:module";
import { describe, expect, test, vi } from "vitest";
import { TEXT_ENGINE } from "./engine.js";
import { bounds, draw, isBlue, isWhite, overlay, pixels, pixelsOf } from "./testing/drawn.js";

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

  test("in the requested colour, with a darker outline", async () => {
    const found = await pixels("HHH", { color: "#ffdd00ff" });
    expect(
      found.some(({ red, green, blue, alpha }) => red === 255 && green === 221 && blue === 0 && alpha === 255),
    ).toBe(true);
    const around = found.filter(({ red, alpha }) => red < 10 && alpha > 100);
    expect(bounds(around).left).toBeLessThan(bounds(found.filter(({ red }) => red === 255)).left);
  });

  test("with the requested opacity", async () => {
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

  test("nothing beyond the wrapping width except outline and shadow", async () => {
    const letters = bounds((await pixels("Wrapped at half of the width", { maxWidth: 0.5 })).filter(isWhite));
    expect(letters.right - letters.left).toBeLessThanOrEqual(180);
    expect(letters.bottom - letters.top).toBeGreaterThan(2 * 36);
  });

  test("emoji in their own colours", async () => {
    const found = await pixels("❤️");
    expect(found.filter(({ red, green, blue }) => red > 180 && green < 90 && blue < 90).length).toBeGreaterThan(50);
  });

  test.each(["⭐", "⚡"])("%s, an emoji by default, in its own colours", async (text) => {
    const found = await pixels(text, { color: "#0000ffff", boxColor: "#00000000" });
    expect(found.filter(({ red, green, blue }) => red > 180 && green > 100 && blue < 120).length).toBeGreaterThan(200);
    expect(found.filter(isBlue)).toEqual([]);
  });

  test.each(["🏳️‍🌈", "❤️‍🔥"])("%s as one emoji", async (text) => {
    const one = bounds((await pixels("😀", { boxColor: "#00000000" })).filter(({ alpha }) => alpha > 100));
    const found = bounds((await pixels(text, { boxColor: "#00000000" })).filter(({ alpha }) => alpha > 100));
    expect(found.right - found.left).toBeLessThan(1.2 * (one.right - one.left));
  });

  test("Arabic letters joined: a word is one shape, narrower than its separate letters", async () => {
    const word = bounds((await pixels("سلسلة")).filter(isWhite));
    const apart = bounds((await pixels("س\u200cل\u200cس\u200cل\u200cة")).filter(isWhite));
    expect(word.right - word.left).toBeLessThan(0.9 * (apart.right - apart.left));
  });

  test("Hebrew from right to left: the end is at the left", async () => {
    const found = await pixels("שלום ❤️");
    const heart = bounds(found.filter(({ red, green, alpha }) => red > 180 && green < 90 && alpha === 255));
    expect(heart.right).toBeLessThan(bounds(found.filter(isWhite)).left);
  });
});

test("texts at the same position without overlap, each with its own fades", async () => {
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

test.each(["", "  \n ", "\u200b\u200e", "\u0000"])("nothing for %j", async (text) => {
  expect(await draw([overlay(text)])).toEqual([]);
});

test.each([
  "'; drawtext=textfile=/etc/passwd:x=0 [out]; \\' %{expr} $HOME `id`",
  `e${"\u0301".repeat(2000)}`,
  "word ".repeat(400),
  "x".repeat(2000),
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ ☎︎ ﷽ 𝕏 ½ ₹",
])("draws %.20j... literally", async (text) => {
  expect((await pixels(text)).length).toBeGreaterThan(100);
});

test("the same text gives the same bytes", async () => {
  const [first, second] = await Promise.all([0, 1].map(() => draw([overlay("Größe 你好 ❤️")])));
  expect(first).toEqual(second);
});

test("reports a character that no font has, with its code", async () => {
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

test("names the packages to install on a machine without fonts", async () => {
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

test("reports an invalid colour", async () => {
  await expect(draw([overlay("Hello", { color: "red" })])).rejects.toMatchObject({ code: "invalid" });
});

test("the engine's name contains the version of the drawing library", () => {
  const { version } = createRequire(import.meta.url)("@napi-rs/canvas/package.json") as { version: string };
  expect(TEXT_ENGINE).toContain(`canvas ${version}`);
});
