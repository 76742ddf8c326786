import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type ClipIndex, PicturePlanSchema } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { extractFrames } from "../frames/extract-frames.js";
import { probe } from "../probe/probe.js";
import { type EncodedPart, encodeClip } from "../testing/encode-parts.js";
import { combinationPicture, type DecodeFrames } from "./combination-picture.js";
import { framesAtIntervals } from "./frame-on-screen.js";
import { sourceContactSheet } from "./source-picture.js";

const signal = new AbortController().signal;
const GAP = 8;
const SETTINGS = { columns: 4, rows: 2, width: 45 };
let folder: string;
let clips: EncodedPart<ClipIndex>[];
let film: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-contact-sheet-"));
  clips = [];
  for (const [i, colour] of ["red", "lime", "blue"].entries()) {
    const clip = await encodeClip(folder, colour, {
      source: `color=${colour}:s=180x320:r=30`,
      frames: [20, 10, 10][i] ?? 0,
    });
    await writeFile(join(folder, clip.hash), clip.payload);
    clips.push(clip);
  }
  film = join(folder, "film.mp4");
  const colours = ["red", "lime", "blue"].map((colour) => `color=${colour}:s=90x160:r=30:d=1`);
  await runFfmpeg({
    inputs: colours.map((lavfi) => ({ lavfi })),
    filterComplex: "[0:v][1:v][2:v]concat=n=3[out]",
    outputs: [{ file: film, options: ["-map", "[out]", "-c:v", "libx264", "-pix_fmt", "yuv420p"] }],
    ...{ signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 },
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** The dominant colour of each cell of a sheet: r, g or b. */
async function colours(payload: Buffer, { columns, rows, width }: typeof SETTINGS, height: number): Promise<string> {
  const chunks: Buffer[] = [];
  const path = join(folder, "sheet.jpg");
  await writeFile(path, payload);
  await runFfmpeg({
    inputs: [{ file: path }],
    outputs: [{ stdout: true, options: ["-f", "rawvideo", "-pix_fmt", "rgb24"] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    ...{ signal, deadlineSeconds: 60, maxOutputBytes: 1 << 28 },
  });
  const data = Buffer.concat(chunks);
  const across = columns * (width + GAP) + GAP;
  expect(data.length).toBe(across * (rows * (height + GAP) + GAP) * 3);
  let cells = "";
  for (let i = 0; i < columns * rows; i++) {
    const x = GAP + (i % columns) * (width + GAP) + (width >> 1);
    const y = GAP + Math.floor(i / columns) * (height + GAP) + (height >> 1);
    const pixel = [...data.subarray((y * across + x) * 3, (y * across + x) * 3 + 3)];
    cells += "rgb"[pixel.indexOf(Math.max(...pixel))];
  }
  return cells;
}

const decode: DecodeFrames = ({ hash, index }, frames, width) =>
  extractFrames({ index, path: join(folder, hash) }, frames, { width, signal });

function sheetOf(parts: readonly EncodedPart<ClipIndex>[], { columns, rows, width } = SETTINGS, by = decode) {
  const length = parts.reduce((sum, { index }) => sum + index.sizes.length, 0);
  const frames = framesAtIntervals(columns * rows, length);
  return combinationPicture(parts, create(PicturePlanSchema, { frames, columns, frameWidth: width }), by);
}

describe("a contact sheet", () => {
  test("of a combination shows frames of its clips at equal distances", async () => {
    const made = await sheetOf(clips);
    expect(made).toMatchObject({ width: 4 * 53 + 8, height: 2 * 88 + 8, frames: 8 });
    expect(await colours(made.payload, SETTINGS, 80)).toBe("rrrrggbb");
  });

  test("of a single frame repeats it", async () => {
    const one = await encodeClip(folder, "one", { source: "color=blue:s=180x320:r=30", frames: 1 });
    await writeFile(join(folder, one.hash), one.payload);
    const made = await sheetOf([one]);
    expect(await colours(made.payload, SETTINGS, 80)).toBe("bbbbbbbb");
  });

  test("of an input shows its frames", async () => {
    const source = { path: film, probe: await probe(film, { signal }) };
    const made = await sourceContactSheet(source, SETTINGS, { signal, tempDir: folder });
    expect(await colours(made.payload, SETTINGS, 80)).toBe("rrrggbbb");
  });

  test("of a still is refused", async () => {
    const path = join(folder, "sheet.jpg");
    const source = { path, probe: await probe(path, { signal }) };
    await expect(sourceContactSheet(source, SETTINGS, { signal, tempDir: folder })).rejects.toThrow("still picture");
  });

  test("is refused before decoding if it would be too large", async () => {
    const large = { columns: 20, rows: 20, width: 1024 };
    await expect(sheetOf(clips, large, () => Promise.reject(new Error()))).rejects.toMatchObject({
      code: "invalid",
      failure: {
        field: "width",
        reason: "The contact sheet would have 20648x36568 pixels, more than the 100 million allowed.",
      },
    });
  });
});
