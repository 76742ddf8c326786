import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Gravity, MediaContainer, TranscodeSchema, WatermarkSchema } from "@polyreel/contract";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { av1Encoder } from "../ffmpeg/build.js";
import { ImageWorkers } from "../image/image-workers.js";
import { probe } from "../probe/probe.js";
import { transcode } from "./transcode.js";

// Marks are checked in decoded pixels.

type Mark = Exclude<MessageInitShape<typeof WatermarkSchema>, { $typeName: string }>;
type Settings = MessageInitShape<typeof TranscodeSchema>;

const { signal } = new AbortController();
const images = new ImageWorkers({ processes: 1 });
const run = promisify(execFile);
const RATE = 25;
const IMAGE = { case: "image" as const, value: {} };
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-watermark-"));
  const grey = `color=0x404040:size=320x180:rate=${RATE}:duration=1`;
  // Tagged, so that the picture's own colours are not converted.
  const tags = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"];
  const encode = ["-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p", ...tags];
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", grey, ...encode, at("wide.mp4")]);
  await run("ffmpeg", [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    grey,
    "-f",
    "lavfi",
    "-i",
    "sine=d=1",
    ...encode,
    at("talk.mp4"),
  ]);
  await run("ffmpeg", [
    "-v",
    "error",
    "-display_rotation",
    "90",
    "-i",
    at("wide.mp4"),
    "-c",
    "copy",
    at("phone.mp4"),
  ]).catch(() =>
    run("ffmpeg", ["-v", "error", "-i", at("wide.mp4"), "-c", "copy", "-metadata:s:v", "rotate=270", at("phone.mp4")]),
  );
  const square = (background: string) => sharp({ create: { width: 40, height: 40, channels: 4, background } }).png();
  await square("#ff0000").toFile(at("red.png"));
  await square("#ffffff").toFile(at("white.png"));
  await square("#ffffff80").toFile(at("glass.png"));
  await sharp({ create: { width: 900, height: 90, channels: 3, background: "#ff0000" } }).toFile(at("long.png"));
});
afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

/** Frames of a marked video as RGB, with a reader of the mean of 4x4 pixels around a place. */
async function framesOf(input: string, logo: string | undefined, watermark: Mark, settings: Settings = {}) {
  const source = { path: at(input), probe: await probe(at(input), { signal }) };
  const asked = create(TranscodeSchema, {
    ...{ container: MediaContainer.MP4, background: "#000000", crf: 4, ...settings },
    watermark: create(WatermarkSchema, { opacity: 1, ...watermark }),
  });
  const markPath = logo && at(logo);
  const work = { signal, tempDir: folder, images, markPath, av1: await av1Encoder(), track: 0 };
  const { payloadPath, index } = await transcode(source, asked, work);
  const raw = at("frames.rgb");
  await run("ffmpeg", ["-v", "error", "-y", "-i", payloadPath, "-vf", "format=rgb24", "-f", "rawvideo", raw]);
  const { width = 0, height = 0 } = (await probe(payloadPath, { signal })).video ?? {};
  const bytes = await readFile(raw);
  const pixel = (frame: number, x: number, y: number): number[] =>
    [0, 1, 2].map((channel) => {
      let sum = 0;
      for (let dy = -2; dy < 2; dy++)
        for (let dx = -2; dx < 2; dx++) sum += bytes[((frame * height + y + dy) * width + x + dx) * 3 + channel] ?? 0;
      return sum / 16;
    });
  return { pixel, width, height, frames: bytes.length / (3 * width * height), index };
}

function expectColour(found: readonly number[], wanted: readonly number[], tolerance = 2) {
  const distance = Math.max(...found.map((value, i) => Math.abs(value - (wanted[i] ?? 0))));
  expect(distance, `${found}, wanted ${wanted}`).toBeLessThanOrEqual(tolerance);
}

const RED = [255, 0, 0];
const GREY = [64, 64, 64];

it("lays a logo over the picture, in its place and its colour", async () => {
  const { pixel, frames } = await framesOf("talk.mp4", "red.png", { mark: IMAGE, offset: { x: 10, y: 20 } });
  expect(frames).toBe(RATE);
  for (const frame of [0, RATE - 1]) {
    expectColour(pixel(frame, 290, 140), RED);
    expectColour(pixel(frame, 276, 126), RED, 8); // Its corner.
    for (const [x, y] of [
      [264, 140],
      [290, 114],
      [316, 140],
      [290, 166],
    ] as const)
      expectColour(pixel(frame, x, y), GREY);
  }
});

it.each([
  ["opacity", "white.png", 0.5, 64 + (255 - 64) * 0.5],
  ["little opacity", "white.png", 0.1, 64 + (255 - 64) * 0.1],
  ["an image's own transparency", "glass.png", 1, 64 + (255 - 64) * (128 / 255)],
  ["both", "glass.png", 0.5, 64 + (255 - 64) * (64 / 255)],
])("is as transparent as asked for, by %s", async (_, logo, opacity, level) => {
  const { pixel } = await framesOf("wide.mp4", logo, { mark: IMAGE, gravity: Gravity.CENTER, opacity });
  expectColour(pixel(3, 160, 90), [level, level, level]);
  expectColour(pixel(3, 60, 90), GREY);
});

it.each<[string, number, number, Settings]>([
  ["in the middle", 200, 600, {}],
  ["from the first frame", 0, 120, {}],
  ["to the end", 480, 1000, {}],
  ["of a trimmed stretch", 120, 240, { trim: { start: durationFromMs(400) } }],
  ["in WebM, whose times are in milliseconds", 120, 240, { container: MediaContainer.WEBM, fps: 30000 / 1001 }],
])("is shown from its first frame to its last: %s", async (_, fromMs, toMs, settings) => {
  const during = { start: durationFromMs(fromMs), end: durationFromMs(toMs) };
  const marked = await framesOf("wide.mp4", "red.png", { mark: IMAGE, gravity: Gravity.CENTER, during }, settings);
  const shown = Array.from({ length: marked.frames }, (_, frame) => (marked.pixel(frame, 160, 90)[0] ?? 0) > 200);
  const rate = settings.fps || RATE;
  expect(shown).toEqual(
    shown.map((_, frame) => frame / rate >= fromMs / 1000 - 1e-6 && frame / rate < toMs / 1000 - 1e-6),
  );
});

it("marks upright pictures: of a phone, cropped to 9:16, and resized", async () => {
  const corner = { mark: IMAGE, gravity: Gravity.NORTHEAST };
  const phone = await framesOf("phone.mp4", "red.png", corner);
  expect(phone).toMatchObject({ width: 180, height: 320 });
  expectColour(phone.pixel(0, 160, 20), RED);
  expectColour(phone.pixel(0, 20, 300), GREY);
  const small = await framesOf("phone.mp4", "red.png", { ...corner, scale: 0.5 }, { width: 90 });
  expect(small).toMatchObject({ width: 90, height: 160 });
  expectColour(small.pixel(0, 68, 20), RED);
  expectColour(small.pixel(0, 40, 20), GREY);
});

it("repeats a tiled logo, and scales down one that is larger than the video", async () => {
  const tiled = await framesOf("wide.mp4", "red.png", { mark: IMAGE, tiled: true, offset: { x: 40, y: 40 } });
  for (const [x, y] of [
    [20, 20],
    [100, 20],
    [180, 100],
  ] as const)
    expectColour(tiled.pixel(0, x, y), RED);
  for (const [x, y] of [
    [60, 20],
    [20, 60],
  ] as const)
    expectColour(tiled.pixel(0, x, y), GREY);
  const long = await framesOf("wide.mp4", "long.png", { mark: IMAGE, gravity: Gravity.CENTER });
  expectColour(long.pixel(0, 4, 90), RED, 4);
  expectColour(long.pixel(0, 160, 50), GREY);
});

it("draws a text", async () => {
  const text = { case: "text" as const, value: "████" };
  const { pixel, width, height } = await framesOf("wide.mp4", undefined, {
    mark: text,
    color: "#ffffffff",
    scale: 0.5,
  });
  const near = Array.from({ length: 400 }, (_, i) => [
    width - 120 + 2 * (i % 40),
    height - 10 - 2 * Math.floor(i / 40),
  ]);
  expect(Math.max(...near.map(([x = 0, y = 0]) => pixel(0, x, y)[0] ?? 0))).toBeGreaterThan(200);
  expectColour(pixel(0, 40, 40), GREY);
});

it("refuses a mark that is no image, or never shown", async () => {
  await expect(framesOf("wide.mp4", "talk.mp4", { mark: IMAGE })).rejects.toMatchObject({
    code: "invalid",
    failure: { field: "watermark" },
  });
  const during = { start: durationFromMs(1000) };
  await expect(framesOf("wide.mp4", "red.png", { mark: IMAGE, during })).rejects.toMatchObject({
    failure: { field: "watermark.during.start", reason: expect.stringContaining("1.00 s long") },
  });
});
