import { afterAll, beforeAll, expect, it } from "vitest";
import { formatOf } from "./format.js";
import { type Bench, openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";

let bench: Bench;
let square: string;
let wide: string;
beforeAll(async () => {
  bench = await openBench();
  square = await bench.source("square.png", "color=white:size=640x640", ["-frames:v", "1"]);
  // White between two red ends, each a fifth of its width.
  const ends = "drawbox=w=160:h=200:color=red:t=fill,drawbox=x=640:w=160:h=200:color=red:t=fill";
  wide = await bench.source("wide.png", `color=white:size=800x200,format=rgb24,${ends}`, ["-frames:v", "1"]);
});
afterAll(() => bench[Symbol.asyncDispose]());

const format = formatOf({ width: 320, height: 640, frameRate: 30 });
const still = { format, still: true, background: "#0000ff", frames: 5 };

/** "white", "blue" or "red" at points. */
const coloursAt = (picture: Picture | undefined, points: readonly [x: number, y: number][]): string[] =>
  points.map(([x, y]) => {
    const [luma, blue] = pixel(picture as Picture, x, y);
    return luma > 200 ? "white" : blue > 200 ? "blue" : "red";
  });
/** Just inside and outside of the upper left and lower right corners of a box in the middle of the canvas. */
const corners = (width: number, height: number): [number, number][] => [
  [163 - width / 2, 323 - height / 2],
  [157 - width / 2, 323 - height / 2],
  [163 - width / 2, 317 - height / 2],
  [156 + width / 2, 316 + height / 2],
  [162 + width / 2, 316 + height / 2],
  [156 + width / 2, 322 + height / 2],
];
const BOXED = ["white", "blue", "blue", "white", "blue", "blue"];

it("fits a still to a share of the canvas, in its middle", async () => {
  const { pictures } = await bench.clip(square, { ...still, fit: "contain", scale: 0.5 });
  expect(coloursAt(pictures[4], corners(160, 160))).toEqual(BOXED);
});

it("covers a share of the canvas without going beyond it", async () => {
  const { pictures } = await bench.clip(wide, { ...still, fit: "cover", scale: 0.5 });
  expect(coloursAt(pictures[4], corners(160, 320))).toEqual(BOXED);
});

it("moves a still within its share", async () => {
  const { pictures } = await bench.clip(wide, { ...still, fit: "cover", scale: 0.5, zoom: "in" });
  expect(coloursAt(pictures[0], corners(160, 320))).toEqual(BOXED);
  expect(coloursAt(pictures[4], corners(160, 320))).toEqual(BOXED);
});

it("lays it on itself, blurred", async () => {
  const { pictures } = await bench.clip(wide, { ...still, fit: "blur", scale: 0.5 });
  // 160 x 40, with its red ends.
  expect(
    coloursAt(pictures[4], [
      [84, 320],
      [160, 320],
      [236, 320],
    ]),
  ).toEqual(["red", "white", "red"]);
  expect(
    coloursAt(pictures[4], [
      [160, 290],
      [40, 320],
    ]),
  ).toEqual(["white", "white"]);
});

it("gives the same bytes as before where it is all of the canvas", async () => {
  const plain = await bench.clip(wide, { ...still, fit: "contain" });
  const all = await bench.clip(wide, { ...still, fit: "contain", scale: 1 });
  expect(all.payload.equals(plain.payload)).toBe(true);
});
