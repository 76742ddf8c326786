import { expect, test } from "vitest";
import type { TextPicture } from "./render-texts.js";
import { bounds, draw, isBlue, isRed, isWhite, overlay, type Pixel, pixelsOf, type Style } from "./testing/drawn.js";

/** A word every half second, each spoken for 0.3 s. */
const spoken = (words: string[]) => words.map((text, i) => ({ text, startSeconds: i / 2, endSeconds: i / 2 + 0.3 }));
const karaoke: Style = { reveal: "phrase", highlightColor: "#ff0000ff", size: 0.07 };

/** The pictures of a phrase, each with its times. */
async function phrase(words: string[], style: Style) {
  const pictures = await draw([overlay("", { words: spoken(words), ...style })]);
  return await Promise.all(pictures.map(async (picture) => ({ picture, pixels: await pixelsOf(picture) })));
}

const timesOf = ({ fromSeconds = 0, toSeconds = 0 }: TextPicture) =>
  [fromSeconds, toSeconds].map((seconds) => Number(seconds.toFixed(3)));
/** The largest difference in opacity anywhere, in 255ths. The library smooths edges of dark and bright letters differently. */
function difference(one: readonly Pixel[], other: readonly Pixel[]): number {
  const opacity = new Map(one.map(({ x, y, alpha }) => [y * 360 + x, alpha]));
  let most = 0;
  for (const { x, y, alpha } of other) {
    most = Math.max(most, Math.abs(alpha - (opacity.get(y * 360 + x) ?? 0)));
    opacity.delete(y * 360 + x);
  }
  return Math.max(most, ...opacity.values());
}
const placesOf = (pixels: readonly Pixel[]) => new Set(pixels.map(({ x, y }) => y * 360 + x));

test.each<[string, string[], "ltr" | "rtl"]>([
  ["Latin, with a price and a hyphen", ["Café", "off-peak", "$1.50,", "office"], "ltr"],
  ["Arabic, joined within words", ["مرحبا", "بكم", "في", "عالمنا"], "rtl"],
  ["Hebrew, with Latin and a number", ["קנו", "iPhone", "ב־15", "עכשיו!"], "rtl"],
  ["Japanese, without spaces", ["今日", "は", "半額", "です。"], "ltr"],
])("%s: the spoken word is highlighted, none moves", async (_script, words, direction) => {
  const states = await phrase(words, karaoke);
  expect(states.map(({ picture }) => timesOf(picture))).toEqual(
    words.flatMap((_, i) => [
      [i / 2, i / 2 + 0.3],
      [i / 2 + 0.3, i < 3 ? i / 2 + 0.5 : i / 2 + 0.7],
    ]),
  );
  // The same shape in every state, whatever its colours.
  for (const { pixels } of states) expect(difference(states[1]?.pixels ?? [], pixels)).toBeLessThan(64);
  const red = states.map(({ pixels }) => pixels.filter(isRed));
  expect(red.map(({ length }) => length > 0)).toEqual(words.flatMap(() => [true, false]));
  const plain = placesOf((states[1]?.pixels ?? []).filter(isWhite));
  const highlighted = red.filter(({ length }) => length > 0);
  for (const one of highlighted) expect(one.filter(({ x, y }) => !plain.has(y * 360 + x))).toEqual([]);
  const ordered = direction === "rtl" ? highlighted.toReversed() : highlighted;
  for (const [i, one] of ordered.entries()) {
    if (i > 0) expect(bounds(one).left).toBeGreaterThan(bounds(ordered[i - 1] ?? []).right);
  }
});

test("emoji keep their own colours", async () => {
  const states = await phrase(["so", "⭐️", "🏳️‍🌈"], karaoke);
  const [before, star, , flag] = [1, 2, 3, 4].map((i) => states[i]?.pixels);
  expect(star).toEqual(before);
  expect(flag).toEqual(before);
});

test("a word that is broken over lines is highlighted in all of them", async () => {
  const states = await phrase(["x".repeat(60), "and"], { ...karaoke, size: 0.1 });
  const red = (states[0]?.pixels ?? []).filter(isRed);
  expect(bounds(red).bottom - bounds(red).top).toBeGreaterThan(18);
  expect((states[0]?.pixels ?? []).filter(isWhite)).toEqual([]);
});

test("a highlight's box lies behind its word only", async () => {
  const box: Style = { ...karaoke, highlightColor: "#0000ffff", highlightShape: "box", outlineColor: "#00000000" };
  const states = await phrase(["one", "two"], box);
  const [first, none, second] = [0, 1, 2].map((i) => states[i]?.pixels ?? []);
  expect(none?.filter(isBlue)).toEqual([]);
  const letters = bounds((none ?? []).filter(isWhite));
  const [left, right] = [bounds((first ?? []).filter(isBlue)), bounds((second ?? []).filter(isBlue))];
  expect(left.right).toBeLessThan(right.left);
  expect(left.left).toBeLessThan(letters.left);
  expect(right.right).toBeGreaterThan(letters.right);
  expect(left.top).toBeLessThan(letters.top);
  expect(left.bottom).toBeGreaterThan(letters.bottom);
});

test("a word pops in around its own centre, the words before it stay", async () => {
  const states = await phrase(["HHH", "HHH"], { reveal: "pop", size: 0.1 });
  expect(states.map(({ picture }) => timesOf(picture))).toEqual([
    [0, 0.04],
    [0.04, 0.08],
    [0.08, 0.5],
    [0.5, 0.54],
    [0.54, 0.58],
    [0.58, 1.2],
  ]);
  const [small, large, whole, then] = states.map(({ pixels }) => pixels.filter(isWhite));
  const [a, b, c] = [small, large, whole].map((pixels) => bounds(pixels ?? []));
  if (!a || !b || !c) throw new Error("There are not enough pictures.");
  const width = ({ left, right }: typeof a) => right - left + 1;
  expect(width(a) / width(c)).toBeCloseTo(0.85, 1);
  expect(width(b)).toBeGreaterThan(width(c));
  for (const one of [a, b]) {
    expect(Math.abs(one.left + one.right - c.left - c.right)).toBeLessThanOrEqual(2);
    expect(Math.abs(one.top + one.bottom - c.top - c.bottom)).toBeLessThanOrEqual(2);
  }
  const after = placesOf(then ?? []);
  expect((whole ?? []).filter(({ x, y }) => !after.has(y * 360 + x))).toEqual([]);
});

test("a phrase without a highlight is one picture", async () => {
  const states = await phrase(["all", "at", "once"], { reveal: "phrase", boxColor: "#0000ffff" });
  expect(states.map(({ picture }) => timesOf(picture))).toEqual([[0, 1.7]]);
});

test("phrases have at most the requested words and lines", async () => {
  const words = "we deliver everything for a fair price".split(" ");
  const few = await phrase(words, { reveal: "phrase", maxWords: 2 });
  expect(few).toHaveLength(4);
  const flat = await phrase(words, { reveal: "phrase", maxLines: 1 });
  for (const { pixels } of flat) expect(bounds(pixels).bottom - bounds(pixels).top).toBeLessThan(1.7 * 36);
});
