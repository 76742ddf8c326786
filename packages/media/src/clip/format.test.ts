import { describe, expect, it } from "vitest";
import {
  formatOf,
  frameRateFraction,
  framesToSamples,
  framesToSeconds,
  secondsToFrames,
  secondsToFramesUp,
  timeBase,
} from "./format.js";

describe("frameRateFraction", () => {
  it.each([
    [30, 30, 1],
    [1, 1, 1],
    [120, 120, 1],
    [23.976, 24000, 1001],
    [23.98, 24000, 1001],
    [24000 / 1001, 24000, 1001],
    [29.97, 30000, 1001],
    [59.94, 60000, 1001],
    [119.88, 120000, 1001],
    [12.5, 25, 2],
    [33.333333, 100, 3],
    [14.985, 2997, 200],
    [24.5, 49, 2],
    [29.9, 299, 10],
  ])("%d is %d/%d", (rate, numerator, denominator) => {
    expect(frameRateFraction(rate)).toEqual({ numerator, denominator });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", (rate) => {
    expect(() => frameRateFraction(rate)).toThrow(/positive/);
  });
});

it.each([
  [30, { timescale: 30000, sampleDuration: 1000 }],
  [29.97, { timescale: 30000, sampleDuration: 1001 }],
  [12.5, { timescale: 25000, sampleDuration: 2000 }],
])("the time base of %d frames a second", (frameRate, base) => {
  expect(timeBase(formatOf({ width: 2, height: 2, frameRate }))).toEqual(base);
});

describe("lengths", () => {
  const ntsc = formatOf({ width: 1080, height: 1920, frameRate: 29.97 });

  it("are rounded to whole frames", () => {
    expect(secondsToFrames(2, ntsc)).toBe(60);
    expect(secondsToFrames(0.016, ntsc)).toBe(0);
    expect(secondsToFramesUp(2, ntsc)).toBe(60);
    expect(secondsToFramesUp(60 * (1001 / 30000), ntsc)).toBe(60);
    expect(secondsToFramesUp(60.1 * (1001 / 30000), ntsc)).toBe(61);
  });

  it("survive a round trip", () => {
    for (let frames = 0; frames < 5000; frames++) {
      expect(secondsToFrames(framesToSeconds(frames, ntsc), ntsc)).toBe(frames);
      expect(secondsToFramesUp(framesToSeconds(frames, ntsc), ntsc)).toBe(frames);
    }
  });

  it("in samples are exact where possible", () => {
    expect(framesToSamples(30, formatOf({ width: 2, height: 2, frameRate: 30 }))).toBe(48000);
    expect(framesToSamples(5, ntsc)).toBe(8008);
    expect(framesToSamples(1, ntsc)).toBe(1602);
  });
});
