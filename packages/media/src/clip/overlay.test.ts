import { describe, expect, it } from "vitest";
import { formatOf } from "./format.js";
import { isTimed, type OverlayImage, opacityAt, overlayStates, presenceOf } from "./overlay.js";

const format = formatOf({ width: 96, height: 160, frameRate: 10 });
const image = (times: Partial<OverlayImage> = {}): OverlayImage => ({ path: "", x: 0, y: 0, ...times });
const stretch = { format, frames: 10, holdFrames: 0, framesBefore: 0, framesWhole: 0 };
/** Opacity of overlay 0 in each frame, in 255ths. */
const opacities = (times: Partial<OverlayImage>, change: Partial<typeof stretch> = {}) =>
  overlayStates([image(times)], { ...stretch, ...change }).flatMap(({ shown, frames }) =>
    Array.from({ length: frames }, () => shown[0]?.opacity ?? 0),
  );

it("distinguishes timed overlays from permanent ones", () => {
  expect(isTimed(image())).toBe(false);
  expect(isTimed(image({ fromSeconds: 0, fadeInSeconds: 0 }))).toBe(false);
  for (const times of [{ fromSeconds: 1 }, { toSeconds: 0 }, { fadeInSeconds: 1 }, { fadeOutSeconds: 1 }]) {
    expect(isTimed(image(times))).toBe(true);
  }
});

describe("an overlay", () => {
  it.each<[string, Partial<OverlayImage>, Partial<typeof stretch>, number[]]>([
    ["is visible during its time", { fromSeconds: 0.2, toSeconds: 0.5 }, {}, [0, 0, 255, 255, 255, 0, 0, 0, 0, 0]],
    ["stays without an end", { fromSeconds: 0.7 }, {}, [0, 0, 0, 0, 0, 0, 0, 255, 255, 255]],
    ["fades in", { fadeInSeconds: 0.4 }, {}, [51, 102, 153, 204, 255, 255, 255, 255, 255, 255]],
    ["fades out", { fadeOutSeconds: 0.2 }, {}, [255, 255, 255, 255, 255, 255, 255, 255, 170, 85]],
    [
      "fades within its time",
      { fromSeconds: 0.1, toSeconds: 0.4, fadeInSeconds: 0.1, fadeOutSeconds: 0.1 },
      {},
      [...[0, 128, 255, 128, 0, 0, 0, 0, 0, 0]],
    ],
    [
      "appears in a stretch that begins before it",
      { fromSeconds: 0.6 },
      { frames: 3, framesBefore: 4, framesWhole: 10 },
      [...[0, 0, 255]],
    ],
    [
      "fades out at the whole choice's end",
      { fadeOutSeconds: 0.3 },
      { frames: 4, framesBefore: 2, framesWhole: 8 },
      [...[255, 255, 255, 191]],
    ],
    [
      "appears and disappears while a picture is held",
      { fromSeconds: 0.3, toSeconds: 0.4 },
      { frames: 2, holdFrames: 3 },
      [...[0, 0, 0, 255, 0]],
    ],
    [
      "keeps its state at the whole choice's end",
      { toSeconds: 0.2, fadeOutSeconds: 0.1 },
      { frames: 2, holdFrames: 2, framesWhole: 2 },
      [...[255, 128, 128, 128]],
    ],
    ["that is too short for a frame is invisible", { fromSeconds: 0.22, toSeconds: 0.24 }, {}, Array(10).fill(0)],
    [
      "that began to fade in before the choice",
      { fromSeconds: -0.2, fadeInSeconds: 0.4 },
      {},
      [153, 204, ...Array(8).fill(255)],
    ],
    ["that fades out after the choice", { toSeconds: 1.1, fadeOutSeconds: 0.3 }, {}, [...Array(8).fill(255), 191, 128]],
    ["beyond the end is invisible", { fromSeconds: 5 }, {}, Array(10).fill(0)],
  ])("%s", (_what, times, change, expected) => {
    expect(opacities(times, change)).toEqual(expected);
  });

  it("is invisible before and after its time", () => {
    const presence = presenceOf(image({ fromSeconds: 1, toSeconds: 2, fadeInSeconds: 5, fadeOutSeconds: 5 }), format);
    expect([9, 20].map((frame) => opacityAt(presence, frame, 30))).toEqual([0, 0]);
    expect(opacityAt(presence, 15, 30)).toBeLessThan(1);
  });
});

describe("states", () => {
  it("change only where something changes", () => {
    const captions = [
      image({ fromSeconds: 0, toSeconds: 0.34 }),
      image({ fromSeconds: 0.34, toSeconds: 0.7 }),
      image({ fromSeconds: 0.5 }),
    ];
    const states = overlayStates(captions, stretch);
    expect(states.map(({ shown, frames }) => [shown.map(({ overlay }) => overlay), frames])).toEqual([
      [[0], 3],
      [[1], 2],
      [[1, 2], 2],
      [[2], 3],
    ]);
  });

  it("of long clips with many captions are computed quickly", () => {
    const captions = Array.from({ length: 5000 }, (_, i) => image({ fromSeconds: i * 0.4, toSeconds: i * 0.4 + 0.4 }));
    const start = performance.now();
    expect(overlayStates(captions, { ...stretch, frames: 20_000 }).length).toBe(5000);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
