import { createRequire } from "node:module";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { TextOverlaySchema } from "@polyreel/contract";
import { describe, expect, test, vi } from "vitest";
import { TEXT_ENGINE } from "./engine.js";
import { renderText } from "./render-text.js";

const format = { width: 360, height: 640 };
type Style = Omit<MessageInitShape<typeof TextOverlaySchema>, "text" | "$typeName">;
const overlay = (text: string, change: Style = {}) =>
  create(TextOverlaySchema, { text, position: "bottom", size: 0.1, color: "#ffffffff", maxWidth: 0.9, ...change });

interface Pixel {
  x: number;
  y: number;
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

/** Pixels of the whole canvas that are not transparent. */
async function pixels(text: string, change: Style = {}): Promise<Pixel[]> {
  const picture = await renderText(overlay(text, change), format);
  if (!picture) return [];
  const image = await loadImage(picture.png);
  expect([image.width, image.height]).toEqual([picture.width, picture.height]);
  const context = createCanvas(format.width, format.height).getContext("2d");
  context.drawImage(image, picture.x, picture.y);
  const { data } = context.getImageData(0, 0, format.width, format.height);
  const found: Pixel[] = [];
  for (let i = 0; i < data.length; i += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(i, i + 4);
    const place = i / 4;
    if (alpha > 0) found.push({ x: place % 360, y: Math.floor(place / 360), red, green, blue, alpha });
  }
  return found;
}

const isWhite = ({ red, green, blue, alpha }: Pixel) => Math.min(red, green, blue, alpha) > 250;
const isBlue = ({ red, green, blue }: Pixel) => blue > 200 && red < 60 && green < 60;

const bounds = (found: Pixel[]) => ({
  left: Math.min(...found.map(({ x }) => x)),
  right: Math.max(...found.map(({ x }) => x)),
  top: Math.min(...found.map(({ y }) => y)),
  bottom: Math.max(...found.map(({ y }) => y)),
});

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

test.each(["", "  \n ", "\u200b\u200e", "\u0000"])("%j is nothing to draw", async (text) => {
  expect(await renderText(overlay(text), format)).toBeUndefined();
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
  const [first, second] = await Promise.all([0, 1].map(() => renderText(overlay("Größe 你好 ❤️"), format)));
  expect(first?.png.equals(second?.png ?? Buffer.alloc(0))).toBe(true);
});

test("a character that no font has is told, with its code", async () => {
  await expect(renderText(overlay("Price \u{e123} and \u{f0000}"), format)).rejects.toMatchObject({
    code: "invalid",
    failure: {
      reason: "No installed font has \u{e123} (U+E123), \u{f0000} (U+F0000).",
      remedy: expect.stringContaining("apt install fonts-noto-core"),
    },
  });
});

test("a machine without fonts is told what to install", async () => {
  vi.resetModules();
  vi.doMock("@napi-rs/canvas", () => ({ GlobalFonts: { families: [] } }));
  try {
    const { renderText: onBareMachine } = await import("./render-text.js");
    await expect(onBareMachine(overlay("Hello"), format)).rejects.toMatchObject({
      code: "unavailable",
      failure: { remedy: expect.stringContaining("apt install fonts-noto-core") },
    });
  } finally {
    vi.doUnmock("@napi-rs/canvas");
  }
});

test("no colour is told", async () => {
  await expect(renderText(overlay("Hello", { color: "red" }), format)).rejects.toMatchObject({ code: "invalid" });
});

test("the engine names the version that draws", () => {
  const { version } = createRequire(import.meta.url)("@napi-rs/canvas/package.json") as { version: string };
  expect(TEXT_ENGINE).toContain(`canvas ${version}`);
});
