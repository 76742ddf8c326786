import { expect, it } from "vitest";
import { Loop, RATE } from "./instruments.js";
import { songs } from "./songs.js";

it("continues at the beginning what sounds beyond the end", () => {
  const loop = new Loop(1);
  loop.add(0.75, new Float32Array(RATE / 2).fill(1), 1, -1);
  expect([loop.left[0], loop.left[RATE / 4 - 1], loop.left[RATE / 4], loop.left[RATE - 1]]).toEqual([1, 1, 0, 1]);
  expect(loop.right.every((sample) => sample === 0)).toBe(true);
});

it.each(Object.entries(songs))("%s is audible from the beginning to the end, and does not clip", (_name, play) => {
  const { left, right, seconds } = play();
  expect(seconds).toBeGreaterThan(8);
  for (const side of [left, right]) {
    expect(side.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)).toBeLessThan(1);
    for (let second = 0; second + 1 < seconds; second++) {
      const part = side.subarray(second * RATE, (second + 1) * RATE);
      expect(Math.sqrt(part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length)).toBeGreaterThan(0.02);
    }
  }
});
