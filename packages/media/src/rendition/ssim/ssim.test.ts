import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { CompressSchema, MediaContainer, SsimSchema, TranscodeSchema, VideoCodec, VideoFit } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { av1Encoder } from "../../ffmpeg/build.js";
import { ImageWorkers } from "../../image/image-workers.js";
import { probe } from "../../probe/probe.js";
import { makeFile } from "../make-file.js";
import { comparedStretches } from "./stretches.js";

type Settings = MessageInitShape<typeof TranscodeSchema>;

const { MP4, WEBM, MKV } = MediaContainer;
const { H264, VP9 } = VideoCodec;
const never = new AbortController().signal;
const images = new ImageWorkers({ processes: 1 });
let folder: string;
let tempDir: string;

const ffmpeg = (...args: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...args]);
const at = (name: string) => join(folder, name);
const seconds = (value: number) => ({ seconds: BigInt(Math.floor(value)), nanos: Math.round((value % 1) * 1e9) });

async function made(name: string, operation: Parameters<typeof makeFile>[1]) {
  const source = { path: at(name), probe: await probe(at(name), { signal: never }) };
  const work = { signal: never, tempDir, images, av1: await av1Encoder(), track: 0, markPath: at("mark.png") };
  return (await makeFile(source, operation, work)).index;
}

const transcoded = (name: string, settings: Settings) => {
  const defaults = { container: MP4, background: "#000000", ssim: create(SsimSchema) };
  return made(name, { case: "transcode", value: create(TranscodeSchema, { ...defaults, ...settings } as Settings) });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-ssim-"));
  tempDir = await mkdtemp(join(folder, "work-"));
  // Every picture differs clearly from its neighbours, so that a comparison of others shows.
  const moving = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=12"];
  const x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p", "-g", "50"];
  await Promise.all([
    ffmpeg(...moving, "-f", "lavfi", "-i", "sine=duration=12", ...x264, "-c:a", "aac", at("moving.mp4")),
    ffmpeg(...moving, "-vf", "select='mod(n,7)'", "-fps_mode", "vfr", ...x264, at("uneven.mkv")),
    ffmpeg(...moving, "-t", "3", ...x264, "-bf", "0", "-muxdelay", "0", at("broadcast.ts")),
    ffmpeg(...moving, "-frames:v", "1", ...x264, at("single.mp4")),
    ffmpeg("-f", "lavfi", "-i", "color=white:size=64x64", "-frames:v", "1", at("mark.png")),
  ]);
});

afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

describe("compares each picture with the one it was encoded from", () => {
  const mark = {
    mark: { case: "image" as const, value: { location: { case: "sha256" as const, value: "0".repeat(64) } } },
    ...{ gravity: 1, scale: 0.5 },
  };
  it.each<[string, string, Settings, number]>([
    ["as it is", "moving.mp4", { crf: 8 }, 125],
    ["in milliseconds", "moving.mp4", { container: MKV, crf: 8 }, 125],
    ["of VP9", "moving.mp4", { container: WEBM, videoCodec: VP9, crf: 8 }, 125],
    ["of uneven length", "uneven.mkv", { crf: 8, container: MKV }, 107],
    ["of a broadcast", "broadcast.ts", { crf: 8 }, 75],
    ["alone", "single.mp4", { crf: 8 }, 1],
    ["at another rate", "moving.mp4", { fps: 29.97, crf: 8 }, 150],
    [
      "trimmed, in milliseconds",
      "moving.mp4",
      { trim: { start: seconds(2.27), end: seconds(11.5) }, container: MKV },
      125,
    ],
    ["of uneven length at another rate", "uneven.mkv", { fps: 10, crf: 8 }, 50],
    ["trimmed", "moving.mp4", { trim: { start: seconds(3.3), end: seconds(9.9) }, crf: 8 }, 125],
    ["trimmed, of a few pictures", "moving.mp4", { trim: { start: seconds(3.3), end: seconds(3.5) }, crf: 8 }, 5],
    [
      "cropped, turned, padded",
      "moving.mp4",
      {
        ...{ crop: { x: 20, y: 10, width: 100, height: 50 }, rotate: 90, width: 120, height: 120, fit: VideoFit.PAD },
        ...{ upscale: true, crf: 8 },
      },
      125,
    ],
    [
      "with a watermark",
      "moving.mp4",
      { watermark: { ...mark, during: { start: seconds(3), end: seconds(8) } }, crf: 8 },
      125,
    ],
  ])("%s", async (_, name, settings, frames) => {
    const { ssim } = await transcoded(name, settings);
    expect(Math.abs((ssim?.frames ?? 0) - frames)).toBeLessThanOrEqual(2);
    expect(ssim?.lowest).toBeGreaterThan(0.97);
    expect(ssim?.mean).toBeGreaterThanOrEqual(ssim?.lowest ?? 1);
    expect(ssim?.mean).toBeLessThanOrEqual(1);
  });
});

it("is lower for a worse quality", async () => {
  const [good, bad] = await Promise.all([15, 45].map((crf) => transcoded("moving.mp4", { crf, videoCodec: H264 })));
  expect(bad?.ssim?.mean).toBeLessThan((good?.ssim?.mean ?? 0) - 0.03);
  expect(bad?.ssim?.lowest).toBeLessThan(bad?.ssim?.mean ?? 0);
});

it("is 1 for pictures that are copied, and absent if it was not asked for", async () => {
  expect((await transcoded("moving.mp4", {})).ssim).toMatchObject({ mean: 1, lowest: 1, frames: 0 });
  const { ssim } = await made("moving.mp4", { case: "transcode", value: create(TranscodeSchema, { container: MKV }) });
  expect(ssim).toBeUndefined();
});

it("of a compression, and of one that leaves the file as it is", async () => {
  const compressed = (name: string, quality: number) =>
    made(name, { case: "compress", value: create(CompressSchema, { quality, videoCodec: H264, ssim: {} }) });
  const small = await compressed("moving.mp4", 3);
  expect(small.ssim?.frames).toBeGreaterThan(100);
  expect(small.ssim?.mean).toBeLessThan(0.999);
  await copyFile(at("single.mp4"), at("least.mp4"));
  const unchanged = await made("least.mp4", {
    case: "compress",
    value: create(CompressSchema, { targetMegabytes: 1, videoCodec: H264, ssim: {} }),
  });
  expect(unchanged).toMatchObject({ unchanged: true, ssim: { mean: 1, lowest: 1 } });
});

it("fails an output below the floor, with what it has, and leaves no file", async () => {
  const before = await readdir(tempDir);
  await expect(transcoded("moving.mp4", { crf: 45, ssim: { min: 0.99 } })).rejects.toMatchObject({
    code: "invalid",
    failure: { field: "ssim.min", reason: expect.stringMatching(/SSIM of 0\.\d{4}, below 0\.99/) },
  });
  expect((await transcoded("moving.mp4", { crf: 12, ssim: { min: 0.9 } })).ssim?.mean).toBeGreaterThan(0.9);
  expect((await readdir(tempDir)).filter((name) => !name.endsWith(".mp4"))).toEqual(
    before.filter((name) => !name.endsWith(".mp4")),
  );
});

it.each([
  [4, 0, [[0, 4]]],
  [60, 0, [5.5, 17.5, 29.5, 41.5, 53.5].map((start) => [start, 1])],
  [61, 24, [134, 427, 720, 1013, 1306].map((frame) => [frame / 24, 1])],
])("of %i s at rate %i compares a bounded number of stretches", (length, fps, expected) => {
  expect(comparedStretches(length, fps).map((one) => [one.startSeconds, one.seconds])).toEqual(expected);
});
