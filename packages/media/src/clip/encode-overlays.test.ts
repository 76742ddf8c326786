import { afterAll, beforeAll, expect, it } from "vitest";
import type { OverlayImage } from "./overlay.js";
import { type Bench, openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";

let bench: Bench;
let black: string;
const colours = { red: [63, 102, 240], green: [173, 42, 26], white: [235, 128, 128], blue: [32, 240, 118] };
beforeAll(async () => {
  bench = await openBench();
  black = await bench.source("black.mp4", "color=black:size=96x160:rate=30:duration=2", ["-pix_fmt", "yuv420p"]);
  for (const [name, rgb] of [
    ["red", "red"],
    ["green", "0x00ff00"],
    ["white", "white"],
    ["blue", "blue"],
  ] as const) {
    await bench.source(`${name}.png`, `color=${rgb}:size=32x20,format=rgba`, ["-frames:v", "1"]);
  }
});
afterAll(() => bench[Symbol.asyncDispose]());

const image = (name: keyof typeof colours, times: Partial<OverlayImage> = {}): OverlayImage => ({
  path: bench.at(`${name}.png`),
  x: 20,
  y: 60,
  ...times,
});

const luma = (pictures: Picture[], x = 36, y = 70) => pictures.map((picture) => pixel(picture, x, y)[0]);
/** The encoder changes flat colours by up to 4; distinct colours here differ by more. */
function expectNear(found: number[], expected: number[], by = 5): void {
  expect(found.length).toBe(expected.length);
  const close = found.every((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) <= by);
  expect(close ? expected : found).toEqual(expected);
}
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

it("appear and disappear at their frames", async () => {
  const overlays = [
    image("white", { fromSeconds: 0.1, toSeconds: 0.3 }),
    image("red", { fromSeconds: 0.3, toSeconds: 0.4 }),
  ];
  const { pictures } = await bench.clip(black, { frames: 15 }, { overlays });
  expectNear(luma(pictures), [...times(3, 16), ...times(6, 235), ...times(3, 63), ...times(3, 16)]);
});

it("fade", async () => {
  const overlays = [image("white", { toSeconds: 0.5, fadeInSeconds: 0.1, fadeOutSeconds: 0.2 })];
  const { pictures } = await bench.clip(black, { frames: 16 }, { overlays });
  const part = (opacity: number) => 16 + 219 * opacity;
  const expected = [
    part(1 / 4),
    part(2 / 4),
    part(3 / 4),
    ...times(6, 235),
    ...[6, 5, 4, 3, 2, 1].map((i) => part(i / 7)),
    16,
  ];
  expectNear(luma(pictures), expected);
});

it("have the right timing in stretches, on stills, and while a frame is held", async () => {
  const overlays = [image("white", { fromSeconds: 0.5, toSeconds: 0.6 })];
  const stretch = { frames: 6, framesBefore: 12, framesWhole: 40 };
  const expected = [...times(3, 16), ...times(3, 235)];
  expectNear(
    luma((await bench.clip(black, { ...stretch, startMicroseconds: 400_000n }, { overlays })).pictures),
    expected,
  );
  const still = await bench.source("still.png", "color=black:size=96x160", ["-frames:v", "1"]);
  expectNear(luma((await bench.clip(still, { ...stretch, still: true }, { overlays })).pictures), expected);
  const held = await bench.clip(black, { frames: 2, holdFrames: 18 }, { overlays });
  expectNear(luma(held.pictures), [...times(15, 16), ...times(3, 235), ...times(2, 16)]);
  const small = await bench.source("small.mp4", "color=black:size=96x100:rate=30:duration=2", ["-pix_fmt", "yuv420p"]);
  const contained = await bench.clip(small, { frames: 2, holdFrames: 18 }, { overlays });
  expectNear(luma(contained.pictures), [...times(15, 16), ...times(3, 235), ...times(2, 16)]);
});

it("keep their order, timed or not", async () => {
  const overlays = [
    image("red", { toSeconds: 0.2 }),
    image("white", { x: 30, y: 66 }),
    image("blue", { x: 40, y: 72, fromSeconds: 0.1 }),
    image("green", { x: 60, y: 130 }),
  ];
  const { pictures } = await bench.clip(black, { frames: 9 }, { overlays });
  expectNear(luma(pictures, 24, 62), [...times(6, 63), ...times(3, 16)]);
  expectNear(luma(pictures, 34, 70), times(9, 235));
  expectNear(luma(pictures, 50, 78), [...times(3, 235), ...times(6, 32)]);
  expectNear(luma(pictures, 76, 140), times(9, 173));
});

it("look the same as a film and as single images", async () => {
  const still = await bench.clip(black, { frames: 3 }, { overlays: [image("red", { x: 21, y: 61 })] });
  const film = await bench.clip(black, { frames: 3 }, { overlays: [image("red", { x: 21, y: 61, toSeconds: 9 })] });
  expect(film.payload.equals(still.payload)).toBe(true);
});

it("may lie partly or wholly outside the canvas", async () => {
  const overlays = [
    image("white", { x: -20, y: -8, toSeconds: 0.1 }),
    image("red", { x: 90, y: 150, toSeconds: 0.1 }),
    image("green", { x: 200, y: 60, toSeconds: 0.1 }),
  ];
  const { pictures } = await bench.clip(black, { frames: 4 }, { overlays });
  expectNear(luma(pictures, 4, 4), [...times(3, 235), 16]);
  expectNear(luma(pictures, 94, 156), [...times(3, 63), 16]);
});

it("may number hundreds", async () => {
  const overlays = Array.from({ length: 400 }, (_, i) =>
    image(i % 2 ? "white" : "red", {
      x: (i * 37) % 60,
      y: (i * 29) % 140,
      fromSeconds: i / 30,
      toSeconds: (i + 1) / 30,
    }),
  );
  const { pictures } = await bench.clip(black, { frames: 60 }, { overlays });
  const found = pictures.map((picture, i) => pixel(picture, ((i * 37) % 60) + 16, ((i * 29) % 140) + 10)[0]);
  expectNear(
    found,
    Array.from({ length: 60 }, (_, i) => (i % 2 ? 235 : 63)),
    12,
  );
});

it("leave nothing behind", async () => {
  const stopped = { overlays: [image("white", { toSeconds: 0.1 })], signal: AbortSignal.timeout(50) };
  await expect(bench.clip(black, { frames: 60 }, stopped)).rejects.toMatchObject({ code: "cancelled" });
  const broken = { overlays: [{ ...image("white", { toSeconds: 0.1 }), path: black }] };
  await expect(bench.clip(black, { frames: 5 }, broken)).rejects.toMatchObject({ code: "internal" });
  expect(await bench.leftovers()).toEqual([]);
});
