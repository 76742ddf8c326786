import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatOf } from "./format.js";
import { type Bench, openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";
import { LOSSLESS, numbered, numbers, range } from "./testing/numbered.js";

let bench: Bench;
let red: string;
let blue: string;
beforeAll(async () => {
  bench = await openBench();
  red = await bench.source("red.mp4", "color=red:size=96x160:rate=30:duration=2", ["-pix_fmt", "yuv420p"]);
  blue = await bench.source("blue.png", "color=blue:size=96x160,format=rgb24", ["-frames:v", "1"]);
});
afterAll(() => bench[Symbol.asyncDispose]());

const RED = [63, 102, 240];
const BLUE = [32, 240, 118];
const GREEN = [173, 42, 26];
const mixed = (one: number[], other: number[], part: number) =>
  one.map((value, i) => value + part * ((other[i] ?? 0) - value));

/** The encoder changes flat colours by up to 4. */
function near(picture: Picture | undefined, [x, y]: [number, number], expected: number[], by = 5): void {
  const found = picture ? pixel(picture, x, y) : [];
  const close = expected.every((value, i) => Math.abs(value - (found[i] ?? Number.NaN)) <= by);
  expect(close ? expected : found, `at ${x},${y}`).toEqual(expected);
}

/** Red footage becomes a blue still in 9 frames: frame 4 is half-way. */
const redToBlue = (kind: string, change = {}) =>
  bench.transition(
    { kind, from: { frames: 9 }, to: { frames: 9, still: true }, ...change },
    { from: { sourcePath: red }, to: { sourcePath: blue } },
  );
const MIDDLE: [number, number] = [48, 80];

describe("a transition", () => {
  it("crossfades in even steps, without a frame of either picture alone", async () => {
    const { pictures, index } = await redToBlue("crossfade");
    expect(pictures.length).toBe(9);
    expect(index.keyFrames).toEqual([0]);
    pictures.forEach((picture, i) => {
      for (const at of [[2, 2], MIDDLE, [93, 157]] as [number, number][])
        near(picture, at, mixed(RED, BLUE, (i + 1) / 10));
    });
  });

  // Positions of the edge in frame 1 (a fifth of the way) and frame 4 (half-way), with the new picture behind it.
  it.each<[string, (part: number, behind: number) => [number, number]]>([
    ["wipe-left", (part, behind) => [Math.round(96 * (1 - part)) + behind, 80]],
    ["wipe-right", (part, behind) => [Math.round(96 * part) - behind, 80]],
    ["wipe-up", (part, behind) => [48, Math.round(160 * (1 - part)) + behind]],
    ["wipe-down", (part, behind) => [48, Math.round(160 * part) - behind]],
  ])("%s", async (kind, beside) => {
    const { pictures } = await redToBlue(kind);
    expect(pictures.length).toBe(9);
    for (const [frame, part] of [
      [1, 0.2],
      [4, 0.5],
      [7, 0.8],
    ] as const) {
      near(pictures[frame], beside(part, 6), BLUE, 8);
      near(pictures[frame], beside(part, -6), RED, 8);
    }
  });

  it("dips to a colour and back", async () => {
    const { pictures } = await redToBlue("dip", { color: "#00ff00" });
    expect(pictures.length).toBe(9);
    pictures.forEach((picture, i) => {
      const way = (i + 1) / 10;
      const expected = way < 0.5 ? mixed(RED, GREEN, 2 * way) : mixed(GREEN, BLUE, 2 * way - 1);
      near(picture, MIDDLE, expected, 6);
    });
  });

  it.each([1, 2, 3, 90])(
    "of %d frames has exactly as many, with the configuration of all other clips",
    async (frames) => {
      const from = await bench.source("long.mp4", "testsrc2=size=96x160:rate=25:duration=4");
      const work = { from: { sourcePath: from }, to: { sourcePath: blue } };
      const recipe = { kind: "crossfade", from: { frames }, to: { frames, still: true } };
      const { index, pictures } = await bench.transition(recipe, work);
      expect(pictures.length).toBe(frames);
      const { decoderConfig } = (await bench.clip(from, { frames: 3 })).index;
      expect(index.decoderConfig).toEqual(decoderConfig);
      expect(index.compositionOffsets[0]).toBe(2000);
    },
  );
});

describe("both stretches", () => {
  it("are rendered as in clips: from their start, with overlays, held, on their backgrounds", async () => {
    const path = await bench.source("n.mp4", numbered(60), [...LOSSLESS, "-g", "25", "-bf", "2"]);
    const from = { frames: 12, startMicroseconds: 1_000_000n, holdFrames: 3 };
    const to = { frames: 15, startMicroseconds: 500_000n, framesWhole: 60, fit: "cover" };
    const overlay = await bench.source("o.png", "color=red:size=16x16,format=rgba", ["-frames:v", "1"]);
    const work = {
      from: { sourcePath: path, overlays: [{ path: overlay, x: 0, y: 0, fromSeconds: 0.1 }] },
      to: { sourcePath: path },
    };
    const { pictures } = await bench.transition({ kind: "wipe-left", from, to }, work);
    expect(pictures.length).toBe(15);
    // The middle is left of the edge until frame 6, right of it from frame 7 on.
    expect(numbers(pictures)).toEqual([...range(30, 37), ...range(15 + 7, 15 + 15)]);
    const reds = pictures.slice(0, 7).map((picture) => pixel(picture, 6, 6)[2] > 200);
    expect(reds).toEqual([false, false, false, true, true, true, true]);
  });

  it("must have one format and one length", async () => {
    const format = formatOf({ width: 96, height: 96, frameRate: 30 });
    await expect(redToBlue("crossfade", { to: { frames: 9, still: true, format } })).rejects.toThrow(/differ/);
    await expect(redToBlue("crossfade", { to: { frames: 8, still: true } })).rejects.toThrow(/differ/);
    await expect(redToBlue("spin")).rejects.toThrow(/no transition/);
  });

  it("report which one ended early, and leave nothing behind", async () => {
    const late = { frames: 9, startMicroseconds: 1_900_000n };
    const blamed: string[] = [];
    const blaming = (side: string) => (error: unknown) => {
      blamed.push(side);
      throw error;
    };
    const both = { from: { sourcePath: red }, to: { sourcePath: red }, blaming };
    const ends = /^The picture ends after 2\.00 s of 2\.20 s/;
    await expect(bench.transition({ kind: "dip", from: late, to: { frames: 9 } }, both)).rejects.toThrow(ends);
    await expect(bench.transition({ kind: "crossfade", from: { frames: 9 }, to: late }, both)).rejects.toThrow(ends);
    const text = bench.at("text.mp4");
    await writeFile(text, "no video at all\n");
    const broken = bench.transition(
      { kind: "crossfade", from: { frames: 9 }, to: { frames: 9 } },
      { from: { sourcePath: red }, to: { sourcePath: text }, blaming },
    );
    await expect(broken).rejects.toThrow(/^The file is text/);
    expect(blamed).toEqual(["from", "to", "to"]);
    expect(await bench.leftovers()).toEqual([]);
  });

  it("give the same bytes every time", async () => {
    const [one, two] = [await redToBlue("wipe-up"), await redToBlue("wipe-up")];
    expect(one.payload.equals(two.payload)).toBe(true);
  });
});
