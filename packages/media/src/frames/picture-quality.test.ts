import { expect, it } from "vitest";
import type { Picture } from "./picture.js";
import { bestOf, pictureQuality } from "./picture-quality.js";

const SIZE = { width: 64, height: 36 };

/** A grey picture: `luma` of each pixel, from 0 to 255. */
const grey = (luma: (x: number, y: number) => number): Picture => ({
  ...SIZE,
  data: Buffer.from(
    Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
      const value = Math.round(Math.min(255, Math.max(0, luma(i % SIZE.width, Math.floor(i / SIZE.width)))));
      return [value, value, value, 255];
    }).flat(),
  ),
});

/** Stripes with soft edges: the wider the wave, the softer. */
const waves =
  (length: number, strength = 1) =>
  (x: number, y: number) =>
    strength * (128 + 100 * Math.sin((2 * Math.PI * (x + y)) / length));
const still = (picture: Picture) => ({ picture, next: picture });

const sharp = still(grey(waves(8)));

it.each([
  ["black", still(grey(() => 0))],
  ["white", still(grey(() => 255))],
  ["of one colour", still(grey(() => 120))],
  ["almost black, with a line of text", still(grey((x, y) => (y === 18 && x % 2 === 0 ? 255 : 2)))],
])("gives nothing for a picture that is %s", (_, candidate) => {
  expect(pictureQuality(candidate)).toBeLessThan(0.01);
  expect(bestOf([candidate, sharp, candidate])).toBe(1);
});

it.each([
  ["blurred", still(grey(waves(30)))],
  ["dark", still(grey(waves(8, 0.15)))],
  ["pale", still(grey((x, y) => 225 + 0.12 * waves(8)(x, y)))],
  ["in a fade", { picture: grey(waves(8)), next: grey(waves(8, 0.9)) }],
  ["before a cut", { picture: grey(waves(8)), next: grey(waves(11)) }],
])("prefers another one to a picture that is %s", (_, candidate) => {
  expect(pictureQuality(candidate)).toBeLessThan(0.75 * pictureQuality(sharp));
  expect(pictureQuality(candidate)).toBeGreaterThan(0);
});

it("returns the first of equal ones, and none of none", () => {
  const black = still(grey(() => 0));
  expect(bestOf([black, sharp, sharp])).toBe(1);
  expect(bestOf([black, black])).toBe(0);
  expect(bestOf([])).toBe(-1);
});

it("scores transparent pixels as black, and the smallest pictures", () => {
  const clear = { ...SIZE, data: Buffer.from(grey(waves(8)).data.map((value, i) => (i % 4 === 3 ? 0 : value))) };
  expect(pictureQuality(still(clear))).toBe(0);
  expect(pictureQuality(still({ width: 1, height: 1, data: Buffer.from([120, 120, 120, 255]) }))).toBe(0);
});
