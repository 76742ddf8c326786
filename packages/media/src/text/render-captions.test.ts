import { expect, test } from "vitest";
import { bounds, draw, isBlue, isWhite, overlay, type Pixel, pixelsOf } from "./testing/drawn.js";

const spoken = (text: string) =>
  text.split(" ").map((word, i) => ({ text: word, startSeconds: i / 2, endSeconds: i / 2 + 0.4 }));

test.each([
  ["from left to right", "These words appear as they are"],
  ["from right to left", "مرحبا بكم في عالمنا الجميل جدا"],
])("%s: words appear without moving others", async (direction, text) => {
  const pictures = await draw([overlay("", { words: spoken(text), align: "left" })]);
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

test("a box surrounds the whole phrase from its first word on", async () => {
  const pictures = await draw([overlay("", { words: spoken("a few words"), boxColor: "#0000ffff" })]);
  const boxes = await Promise.all(pictures.map(async (picture) => bounds((await pixelsOf(picture)).filter(isBlue))));
  expect(boxes).toHaveLength(3);
  expect(new Set(boxes.map((box) => JSON.stringify(box))).size).toBe(1);
});

test("phrases have at most two lines", async () => {
  const pictures = await draw([overlay("", { words: spoken("extraordinarily ".repeat(12).trim()) })]);
  const heights = await Promise.all(pictures.map(async (picture) => bounds(await pixelsOf(picture))));
  expect(pictures).toHaveLength(12);
  expect(Math.max(...heights.map(({ top, bottom }) => bottom - top))).toBeLessThan(2.7 * 36);
});

test("lines of a phrase have similar lengths", async () => {
  const pictures = await draw([overlay("", { words: spoken("we deliver everything for a"), align: "left" })]);
  const letters = (await pixelsOf(pictures.at(-1))).filter(isWhite);
  const { top, bottom } = bounds(letters);
  expect(bottom - top).toBeGreaterThan(36);
  const middle = (top + bottom) / 2;
  const first = bounds(letters.filter(({ y }) => y < middle));
  const second = bounds(letters.filter(({ y }) => y > middle));
  expect(second.right - second.left).toBeGreaterThan(0.6 * (first.right - first.left));
});
