import { afterAll, beforeAll, expect, it } from "vitest";
import { formatOf } from "./format.js";
import { type Bench, openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";

let bench: Bench;
let path: string;
beforeAll(async () => {
  bench = await openBench();
  // A white field on black: its right edge is at 3/4 of the width, its lower edge at 3/4 of the height.
  const square = "color=black:size=640x640,format=rgb24,drawbox=x=160:y=160:w=320:h=320:color=white:t=fill";
  path = await bench.source("square.png", square, ["-frames:v", "1"]);
});
afterAll(() => bench[Symbol.asyncDispose]());

const format = formatOf({ width: 320, height: 320, frameRate: 30 });

/** Edges of the white field with subpixel precision, from the sum of brightness along a line. */
function extent(picture: Picture | undefined, along: "x" | "y"): { before: number; after: number } {
  if (!picture) throw new Error("there is no picture");
  const line = Array.from({ length: 160 }, (_, i) => i);
  const brightness = (at: number) => {
    const [luma] = along === "x" ? pixel(picture, at, 160) : pixel(picture, 160, at);
    return Math.min(1, Math.max(0, (luma - 16) / 219));
  };
  return {
    before: line.reduce((sum, i) => sum + brightness(159 - i), 0),
    after: line.reduce((sum, i) => sum + brightness(160 + i), 0),
  };
}
const sizes = (pictures: Picture[]) => pictures.map((picture) => extent(picture, "x").after);
const zoom = (direction: string, change = {}) =>
  bench.clip(path, { format, still: true, fit: "cover", frames: 40, zoom: direction, ...change });

it("zooms in on the middle of a still, evenly and without jitter", async () => {
  const { pictures } = await zoom("in");
  const found = sizes(pictures);
  expect(found.length).toBe(40);
  expect(found[0]).toBeCloseTo(80, 0);
  expect(found.at(-1)).toBeCloseTo(80 * 1.15, 0);
  // 0.29 pixels per frame at first, 0.33 at the end. Whole-pixel motion would give steps of 0 and 1; the encoder shifts
  // edges by 0.1.
  const steps = found.slice(1).map((size, i) => size - (found[i] ?? 0));
  expect(Math.min(...steps)).toBeGreaterThan(0.1);
  expect(Math.max(...steps)).toBeLessThan(0.55);
  for (const picture of [pictures[0], pictures[13], pictures[39]]) {
    const [x, y] = [extent(picture, "x"), extent(picture, "y")];
    for (const { before, after } of [x, y]) expect(Math.abs(before - after)).toBeLessThan(0.3);
  }
});

it("zooms out in reverse", async () => {
  const [near, far] = [sizes((await zoom("in")).pictures), sizes((await zoom("out")).pictures)];
  far.reverse().forEach((size, i) => {
    expect(Math.abs(size - (near[i] ?? 0))).toBeLessThan(0.3);
  });
});

it("continues where the previous stretch of the same choice ends", async () => {
  const whole = sizes((await zoom("in")).pictures);
  const later = { frames: 10, framesBefore: 30, framesWhole: 40 };
  sizes((await zoom("in", later)).pictures).forEach((size, i) => {
    expect(Math.abs(size - (whole[30 + i] ?? 0))).toBeLessThan(0.3);
  });
});

it("moves a contained still within its frame, without moving the background", async () => {
  const tall = formatOf({ width: 320, height: 640, frameRate: 30 });
  const { pictures } = await zoom("in", { format: tall, fit: "contain", background: "#0000ff", frames: 10 });
  expect(pictures.length).toBe(10);
  for (const picture of [pictures[0], pictures[9]]) {
    const blue = [152, 486].map((y) => pixel(picture as Picture, 160, y)[1]);
    expect(blue.every((value) => value > 230)).toBe(true);
    const black = [166, 472].map((y) => pixel(picture as Picture, 160, y)[1]);
    expect(black.every((value) => value < 135)).toBe(true);
  }
  const brightnessAt = (picture: Picture | undefined) => pixel(picture as Picture, 160 + 86, 320)[0];
  expect(brightnessAt(pictures[0])).toBeLessThan(40);
  expect(brightnessAt(pictures[9])).toBeGreaterThan(210);
});

it("renders a single frame, and refuses unknown directions", async () => {
  expect((await zoom("in", { frames: 1 })).pictures.length).toBe(1);
  await expect(zoom("up")).rejects.toMatchObject({ code: "invalid", failure: { field: "zoom" } });
});

it("has the same configuration and the same bytes every time", async () => {
  const [one, two] = [await zoom("in", { frames: 5 }), await zoom("in", { frames: 5 })];
  const plain = await zoom("", { frames: 5 });
  expect(one.payload.equals(two.payload)).toBe(true);
  expect(one.index.decoderConfig).toEqual(plain.index.decoderConfig);
});
