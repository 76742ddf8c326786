import { writeFile } from "node:fs/promises";
import type { ClipIndex } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatOf } from "../clip/format.js";
import { type Bench, type Encoded, openBench } from "../clip/testing/bench.js";
import { type Picture as Decoded, pixel } from "../clip/testing/decode-clip.js";
import { numbered } from "../clip/testing/numbered.js";
import { arrangeOnSheet } from "./contact-sheet.js";
import { extractFrames } from "./extract-frames.js";
import { planDecoding } from "./frame-places.js";
import { encodeJpeg } from "./jpeg.js";
import type { Picture } from "./picture.js";

let bench: Bench;
let clip: { path: string; index: ClipIndex };
let made: Encoded;
beforeAll(async () => {
  bench = await openBench();
  // A key frame every 40 frames: 0 and 40.
  const source = await bench.source("n.mkv", numbered(64, 20), ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast"]);
  const format = formatOf({ width: 96, height: 160, frameRate: 20 });
  made = await bench.clip(source, { format, frames: 64 });
  clip = { path: bench.at("payload"), index: made.index };
  await writeFile(clip.path, made.payload);
});
afterAll(() => bench[Symbol.asyncDispose]());
const signal = new AbortController().signal;

function rgb({ width, data }: Picture, x: number, y: number): number[] {
  const at = (y * width + x) * 4;
  return [...data.subarray(at, at + 4)];
}

/** Reads the numbers in the six stripes of the pictures. */
const numbersOn = (pictures: Picture[]) =>
  pictures.map((picture) =>
    [0, 1, 2, 3, 4, 5].reduce((sum, bit) => {
      const y = Math.round(((bit + 0.5) * picture.height) / 6);
      return sum + ((rgb(picture, picture.width >> 1, y)[0] ?? 0) > 127 ? 2 ** bit : 0);
    }, 0),
  );

describe("frames", () => {
  it("are the requested ones, in order", async () => {
    const requested = [63, 0, 33, 33, 1, 40, 39, 62];
    const pictures = await extractFrames(clip, requested, { signal });
    expect(numbersOn(pictures)).toEqual(requested);
    expect(pictures[0]).toMatchObject({ width: 96, height: 160 });
  });

  it("are all of a clip's", async () => {
    const all = made.pictures.map((_, i) => i);
    expect(numbersOn(await extractFrames(clip, all, { width: 24, signal }))).toEqual(all);
  });

  it("have the requested width, and their colours", async () => {
    const red = await bench.clip(
      await bench.source("red.png", "color=red:size=96x160,format=rgb24", ["-frames:v", "1"]),
      { still: true, frames: 3 },
    );
    await writeFile(bench.at("red"), red.payload);
    const [picture] = await extractFrames({ path: bench.at("red"), index: red.index }, [1], { width: 33, signal });
    expect(picture).toMatchObject({ width: 33, height: 55 });
    const [r = 0, g = 0, b = 0, a] = rgb(picture as Picture, 16, 27);
    expect([r > 248, g < 8, b < 8, a]).toEqual([true, true, true, 255]);
  });

  it("are decoded from the preceding key frame, and no further", () => {
    const { runs } = planDecoding(clip.index, [41, 2]);
    expect(runs.map(({ from }) => from)).toEqual([0, 40]);
    // B-frames are decoded after the frame that they refer ahead to.
    expect(Math.max(...runs.map(({ from, to }) => to - from))).toBeLessThanOrEqual(5);
    expect(planDecoding(clip.index, [45]).runs.map(({ from }) => from)).toEqual([40]);
  });

  it("outside the clip are refused", async () => {
    for (const frame of [64, -1]) {
      await expect(extractFrames(clip, [frame], { signal })).rejects.toThrow(
        `A clip of 64 frames has no frame ${frame}`,
      );
    }
    expect(await extractFrames(clip, [], { signal })).toEqual([]);
  });

  it("of a damaged part are reported, and an abort stops decoding", async () => {
    await writeFile(bench.at("short"), made.payload.subarray(0, 100));
    const short = { path: bench.at("short"), index: made.index };
    await expect(extractFrames(short, [10], { signal })).rejects.toMatchObject({ code: expect.any(String) });
    await expect(extractFrames(clip, [10], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
  });
});

describe("pictures", () => {
  const flat = (...colour: number[]): Picture => ({
    width: 8,
    height: 4,
    data: Buffer.alloc(8 * 4 * 4, Buffer.from(colour)),
  });

  it("are arranged on a sheet row by row", () => {
    const reds = [10, 20, 30, 40, 50].map((red) => flat(red, 0, 0, 255));
    const sheet = arrangeOnSheet(reds, { columns: 3, gap: 2 });
    expect(sheet).toMatchObject({ width: 3 * 10 + 2, height: 2 * 6 + 2 });
    const cells = [0, 1, 2, 3, 4, 5].map((i) => rgb(sheet, 2 + (i % 3) * 10 + 4, 2 + Math.floor(i / 3) * 6 + 2)[0]);
    expect(cells).toEqual([10, 20, 30, 40, 50, 24]);
    expect(rgb(sheet, 0, 0)).toEqual(rgb(sheet, 11, 7));
    expect(arrangeOnSheet(reds.slice(0, 2), { columns: 5, gap: 0 })).toMatchObject({ width: 16, height: 4 });
  });

  it("of different sizes, or none, make no sheet", () => {
    expect(() => arrangeOnSheet([], { columns: 1 })).toThrow(/no pictures/);
    expect(() => arrangeOnSheet([flat(0, 0, 0, 255), { ...flat(0, 0, 0, 255), width: 4 }], { columns: 1 })).toThrow(
      /size/,
    );
  });

  it("become JPEGs that ffmpeg decodes to the same colours", async () => {
    const jpeg = await encodeJpeg(
      arrangeOnSheet([flat(200, 40, 40, 255), flat(40, 40, 200, 255)], { columns: 2, gap: 0 }),
    );
    await writeFile(bench.at("sheet.jpg"), jpeg);
    // Contained on 96x160, the sheet of 16x4 is 96x24: red on the left, blue on the right.
    const { pictures } = await bench.clip(bench.at("sheet.jpg"), { still: true, frames: 1 });
    const [left, right] = [20, 76].map((x) => pixel(pictures[0] as Decoded, x, 80));
    expect(left?.[2]).toBeGreaterThan(180);
    expect(right?.[1]).toBeGreaterThan(180);
    expect(await encodeJpeg(flat(1, 2, 3, 255))).toEqual(await encodeJpeg(flat(1, 2, 3, 255)));
  });
});
