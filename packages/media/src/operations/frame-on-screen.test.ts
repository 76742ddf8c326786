import { describe, expect, test } from "vitest";
import { frameOnScreen, framesAtIntervals, framesByClip } from "./frame-on-screen.js";

const rate = (rateNumerator: number, rateDenominator = 1) => ({ rateNumerator, rateDenominator });

describe("the frame on screen", () => {
  test.each([
    [0, rate(30), 0],
    [0.0323, rate(30), 0],
    [1 / 30, rate(30), 1],
    [0.333, rate(30), 10], // 0.333333, rounded to milliseconds.
    [0.365, rate(30), 10],
    [1, rate(30_000, 1001), 29], // Frame 30 begins at 1.001 s.
    [1.001, rate(30_000, 1001), 30],
    [0.9992, rate(24), 24],
    [0.998, rate(24), 23],
    [3.3, rate(30), 98], // The last one.
    [1e9, rate(30), 98],
  ])("at %d s of %o is frame %i", (at, format, frame) => {
    expect(frameOnScreen(at, 99, format)).toBe(frame);
  });

  test("of a single-frame video is always that frame", () => expect(frameOnScreen(2, 1, rate(30))).toBe(0));
});

describe("frames are located in their clips", () => {
  test("at clip boundaries", () => {
    expect(framesByClip([0, 9, 10, 10, 11, 2], [10, 1, 5])).toEqual([
      { clip: 0, frames: [0, 9] },
      { clip: 1, frames: [0, 0] },
      { clip: 2, frames: [0] },
      { clip: 0, frames: [2] },
    ]);
  });
  test.each([16, -1])("refuses frame %i of 16", (frame) => {
    expect(() => framesByClip([frame], [10, 1, 5])).toThrow(RangeError);
  });
});

test("frames at equal distances are taken from the middle of their intervals", () => {
  expect(framesAtIntervals(4, 100)).toEqual([12, 37, 62, 87]);
  expect(framesAtIntervals(4, 2)).toEqual([0, 0, 1, 1]);
  expect(framesAtIntervals(3, 1)).toEqual([0, 0, 0]);
});
