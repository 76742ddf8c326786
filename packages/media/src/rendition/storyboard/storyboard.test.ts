import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { PictureFormat, RenditionRecipeSchema, type StoryboardSchema } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { av1Encoder } from "../../ffmpeg/build.js";
import { runFfmpeg } from "../../ffmpeg/run.js";
import { BYTES_PER_PIXEL, type Picture } from "../../frames/picture.js";
import { ImageWorkers } from "../../image/image-workers.js";
import { sourcePictureAt } from "../../operations/source-pictures.js";
import { probe } from "../../probe/probe.js";
import { NEEDS_REAL_MEDIA } from "../../testing/index.js";
import { REAL_MEDIA } from "../../testing/real-media.js";
import { makeFile } from "../make-file.js";

const signal = new AbortController().signal;
let folder: string;
let images: ImageWorkers;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-storyboard-"));
  images = new ImageWorkers({ processes: 1 });
  // Each second has a colour of its own.
  await run(
    ["testsrc2=size=320x180:rate=25:d=6.6,hue=h=60*floor(t)"],
    ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "50"],
    "film.mp4",
  );
});
afterAll(() => rm(folder, { recursive: true }));

const run = (lavfi: string[], options: string[], name: string) =>
  runFfmpeg({
    inputs: lavfi.map((graph) => ({ lavfi: graph })),
    outputs: [{ file: join(folder, name), options }],
    ...{ signal, deadlineSeconds: 60, maxOutputBytes: 1 << 28 },
  });

async function made(path: string, value: Omit<MessageInitShape<typeof StoryboardSchema>, "$typeName">) {
  const { operation } = create(RenditionRecipeSchema, {
    operation: { case: "storyboard", value: { width: 160, columns: 4, format: PictureFormat.JPEG, ...value } },
  });
  const source = { path, probe: await probe(path, { signal }) };
  const work = { signal, tempDir: folder, images, track: 0, av1: await av1Encoder() };
  return { source, ...(await makeFile(source, operation, work)) };
}

/** A WebVTT with tiles, parsed as players do. */
function parseCues(vtt: string) {
  const [header, ...blocks] = vtt.trim().split(/\n\n+/);
  expect(header).toBe("WEBVTT");
  return blocks.map((block) => {
    const [times = "", payload = ""] = block.split("\n");
    const [start = 0, end = 0] = times.split(" --> ").map((time) => {
      const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
      return 3600 * hours + 60 * minutes + seconds;
    });
    const [, sheet = "", x = 0, y = 0, width = 0, height = 0] =
      /^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(payload)?.map((part, i) => (i < 2 ? part : Number(part))) ?? [];
    return { start, end, sheet, x: Number(x), y: Number(y), width: Number(width), height: Number(height) };
  });
}

async function decoded(path: string): Promise<Picture> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ file: path }],
    outputs: [{ stdout: true, options: ["-f", "rawvideo", "-pix_fmt", "rgba"] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    ...{ signal, deadlineSeconds: 60, maxOutputBytes: 1 << 28 },
  });
  const { video } = await probe(path, { signal });
  return { width: video?.width ?? 0, height: video?.height ?? 0, data: Buffer.concat(chunks) };
}

function cut(sheet: Picture, { x, y, width, height }: { x: number; y: number; width: number; height: number }): Buffer {
  const rows = Array.from({ length: height }, (_, row) => {
    const at = ((y + row) * sheet.width + x) * BYTES_PER_PIXEL;
    return sheet.data.subarray(at, at + width * BYTES_PER_PIXEL);
  });
  return Buffer.concat(rows);
}

const difference = (one: Buffer, other: Buffer) =>
  one.reduce((sum, value, i) => sum + Math.abs(value - (other[i] ?? 0)), 0) / one.length;

/** Cuts each tile out of the sheet and compares it with the video's frame in the middle of its cue, and of the next one. */
async function expectTiles(path: string, settings: Parameters<typeof made>[1]) {
  const { source, payloadPath, index } = await made(path, settings);
  const cues = parseCues(await readFile((await made(path, { ...settings, cuesOf: "sheet.jpg" })).payloadPath, "utf8"));
  expect(cues.length).toBe(index.frames);
  expect(cues[0]?.start).toBe(0);
  expect(cues.at(-1)?.end).toBeCloseTo(source.probe.video?.durationSeconds ?? 0, 2);
  const sheet = await decoded(payloadPath);
  expect(index.video).toMatchObject({ width: sheet.width, height: sheet.height });
  const frames: Buffer[] = [];
  for (const { start, end, width, height } of cues)
    frames.push(
      (await sourcePictureAt(source, (start + end) / 2, { width, height }, { signal, tempDir: folder })).data,
    );
  for (const [i, cue] of cues.entries()) {
    expect(cue.sheet).toBe("sheet.jpg");
    expect(cue.start).toBeCloseTo(cues[i - 1]?.end ?? 0, 3);
    const tile = cut(sheet, cue);
    const [own = 255, ...others] = [i, i - 1, i + 1]
      .flatMap((at) => frames[at] ?? [])
      .map((one) => difference(tile, one));
    expect(own).toBeLessThan(8);
    for (const other of others) expect(other).toBeGreaterThan(2 * own);
  }
}

it.each([
  ["an interval that ends with a rest", { interval: { seconds: 1n } }],
  ["a count", { count: 5 }],
  ["WebP", { count: 3, format: PictureFormat.WEBP }],
])("has the video's frames at the places and times of its cues: %s", async (_, settings) => {
  await expectTiles(join(folder, "film.mp4"), settings);
});

it("seeks to each tile of a long film, the last one in the rest", async () => {
  const slow = "testsrc2=size=160x90:rate=1:d=95,hue=h=45*floor(t/10)";
  await run([slow], ["-c:v", "libx264", "-g", "5", "-pix_fmt", "yuv420p"], "long.mp4");
  await expectTiles(join(folder, "long.mp4"), { interval: { seconds: 30n } });
});

it("shows real recordings", NEEDS_REAL_MEDIA, async () => {
  const { payloadPath, index } = await made(join(REAL_MEDIA ?? "", "tears-of-steel.webm"), {
    interval: { seconds: 1n },
  });
  expect(index).toMatchObject({ format: "jpg", video: { codec: "mjpeg", width: 640 } });
  expect((await probe(payloadPath, { signal })).video?.width).toBe(640);
});

it("leaves nothing behind if it is stopped, or the input is damaged", async () => {
  await writeFile(join(folder, "broken.mp4"), Buffer.alloc(5000, "q"));
  const before = (await readdir(folder)).length;
  const source = { path: join(folder, "broken.mp4"), probe: await probe(join(folder, "film.mp4"), { signal }) };
  const { operation } = create(RenditionRecipeSchema, {
    operation: { case: "storyboard", value: { width: 160, columns: 4, format: PictureFormat.JPEG, count: 3 } },
  });
  const work = { tempDir: folder, images, track: 0, av1: await av1Encoder() };
  await expect(makeFile(source, operation, { ...work, signal })).rejects.toMatchObject({ code: "invalid" });
  const film = { ...source, path: join(folder, "film.mp4") };
  await expect(makeFile(film, operation, { ...work, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
  });
  expect((await readdir(folder)).length).toBe(before);
});
