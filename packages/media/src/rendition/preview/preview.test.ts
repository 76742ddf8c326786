import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { PreviewFormat, PreviewSchema } from "@polyreel/contract";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "../../image/image-workers.js";
import { probe } from "../../probe/probe.js";
import { foreseeFile, makeFile } from "../make-file.js";

const { GIF, WEBP, MP4 } = PreviewFormat;
const { signal } = new AbortController();
/** Grey levels that encoders of slow changes are off by: a third of a second of the ramp. */
const FLATTENED = 4;
const images = new ImageWorkers({ processes: 1 });
let folder: string;
let tempDir: string;

const ffmpeg = (...args: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...args]);
const at = (name: string) => join(folder, name);

async function made(name: string, settings: Omit<MessageInitShape<typeof PreviewSchema>, "$typeName">) {
  const source = { path: at(name), probe: await probe(at(name), { signal }) };
  const defaults = { format: GIF, seconds: 3, width: 320, fps: 10, segments: 1 };
  const operation = { case: "preview" as const, value: create(PreviewSchema, { ...defaults, ...settings }) };
  const fractions: number[] = [];
  const work = {
    signal,
    tempDir,
    images,
    av1: "libsvtav1" as const,
    track: 0,
    onProgress: (to: number) => fractions.push(to),
  };
  const foreseen = foreseeFile(operation, source.probe, 0);
  return { ...(await makeFile(source, operation, work)), foreseen, fractions };
}

/** Mean grey level of each picture: the test video's grows steadily. */
async function levelsOf(path: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)(
    "ffmpeg",
    ["-v", "error", "-i", path, "-vf", "scale=1:1,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"],
    { encoding: "buffer" },
  );
  return [...stdout];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-preview-"));
  tempDir = await mkdtemp(join(folder, "work-"));
  const x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
  const pattern = (size: string, seconds: number) => [
    "-f",
    "lavfi",
    "-i",
    `testsrc2=size=${size}:rate=25:duration=${seconds}`,
  ];
  const ramp = ["-f", "lavfi", "-i", "color=black:size=640x360:rate=25:duration=20,geq=lum='16+10*T':cb=128:cr=128"];
  const tone = ["-f", "lavfi", "-i", "sine=duration=2"];
  await Promise.all([
    ffmpeg(...ramp, "-f", "lavfi", "-i", "sine=duration=20", ...x264, "-c:a", "aac", at("ramp.mp4")),
    ffmpeg(
      ...pattern("640x360", 1),
      "-vf",
      "format=yuv444p,scale=171:97",
      "-c:v",
      "libx264",
      "-pix_fmt",
      "yuv444p",
      at("odd.mp4"),
    ),
    ffmpeg(...tone, at("tone.wav")),
    ffmpeg(...pattern("64x64", 1), "-frames:v", "1", at("still.png")),
    ffmpeg(
      ...pattern("640x360", 4),
      "-vf",
      "select='not(mod(n,7))*lt(n,50)+eq(n,99)'",
      "-fps_mode",
      "vfr",
      ...x264,
      at("vfr.mkv"),
    ),
    ffmpeg(
      ...pattern("320x180", 4),
      ...["-vf", "setpts='N+gte(N,50)*11520000'", "-fps_mode", "passthrough", "-video_track_timescale", "25"],
      ...[...x264, at("jump.mp4")],
    ),
    ffmpeg(...pattern("640x360", 1), ...x264, at("plain.mp4")),
    ffmpeg(...pattern("640x360", 5), "-f", "lavfi", "-i", "sine=duration=5", ...x264, "-c:a", "aac", at("moving.mp4")),
  ]);
  await ffmpeg("-i", at("plain.mp4"), "-c", "copy", "-metadata:s:v", "rotate=90", at("turned.mp4"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("makes a preview", () => {
  it.each([
    ["gif", GIF, "gif"],
    ["webp", WEBP, "webp"],
    ["mp4", MP4, "h264"],
  ])("as %s, silent, of the size and length asked for", async (format, number, codec) => {
    const { payloadPath, index, foreseen, fractions } = await made("moving.mp4", {
      format: number,
      start: { seconds: 1n },
    });
    expect(index).toMatchObject({
      ...{ format, durationSeconds: expect.closeTo(3, 1), encodedMegapixels: foreseen.encodedMegapixels },
      video: { codec, width: 320, height: 180, frameRate: 10 },
    });
    expect(index.frames).toBe(30);
    expect(foreseen).toMatchObject({ seconds: 3, encodedMegapixels: (30 * 320 * 180) / 1e6 });
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);
    const { size } = await stat(payloadPath);
    expect(size).toBeGreaterThan(500);
    if (number === MP4) {
      const file = await readFile(payloadPath);
      expect(file.indexOf("moov")).toBeLessThan(file.indexOf("mdat"));
    } else {
      const { pages, loop, delay } = await sharp(payloadPath, { animated: true }).metadata();
      expect({ pages, loop }).toEqual({ pages: 30, loop: 0 });
      expect(delay?.every((milliseconds) => milliseconds === 100)).toBe(true);
    }
  });

  it("begins with the picture on screen at its start", async () => {
    const { payloadPath } = await made("ramp.mp4", { format: MP4, start: { seconds: 5n }, seconds: 2 });
    const levels = await levelsOf(payloadPath);
    const source = await levelsOf(at("ramp.mp4"));
    expect(levels).toHaveLength(20);
    for (const [i, level] of levels.entries())
      expect(Math.abs(level - (source[Math.round((5 + i / 10) * 25)] ?? 0))).toBeLessThanOrEqual(FLATTENED);
  });

  it("spreads segments evenly", async () => {
    const { payloadPath, index } = await made("ramp.mp4", { format: MP4, seconds: 2, segments: 4 });
    expect(index.frames).toBe(20);
    const levels = await levelsOf(payloadPath);
    const source = await levelsOf(at("ramp.mp4"));
    // Middles of four quarters of 20 s.
    for (const [i, middle] of [2.5, 7.5, 12.5, 17.5].entries())
      expect(Math.abs((levels[5 * i] ?? 0) - (source[Math.round((middle - 0.25) * 25)] ?? 0))).toBeLessThanOrEqual(
        FLATTENED,
      );
  });

  it("gives what a shorter or smaller video has, and enlarges it only if asked to", async () => {
    const short = await made("odd.mp4", {});
    expect(short.index).toMatchObject({ frames: 10, video: { width: 172, height: 98 } });
    expect(short.index.warnings).toEqual([expect.stringMatching(/keeps 172x98: upscale enlarges it/)]);
    const large = await made("odd.mp4", { upscale: true, format: WEBP });
    expect(large.index).toMatchObject({ video: { width: 320, height: 180 }, warnings: [] });
  });

  it("shows turned videos upright", async () => {
    const { index } = await made("turned.mp4", { width: 90 });
    expect(index.video).toMatchObject({ width: 90, height: 160 });
  });

  it("holds pictures of a variable frame rate", async () => {
    const { index } = await made("vfr.mkv", { format: MP4, start: { seconds: 2n, nanos: 500_000_000 }, seconds: 1 });
    expect(index.frames).toBe(10);
  });

  it.each([1, 3])("ends soon where timestamps jump by days, in %i segments", async (segments) => {
    const { index } = await made("jump.mp4", { segments });
    expect(index.frames).toBeGreaterThan(0);
    expect(index.durationSeconds).toBeCloseTo(3, 1);
  });

  it("lowers the quality until the file is small enough", async () => {
    const free = (await stat((await made("plain.mp4", {})).payloadPath)).size;
    const { payloadPath } = await made("plain.mp4", { maxMegabytes: (free * 0.9) / 1e6 });
    expect((await stat(payloadPath)).size).toBeLessThanOrEqual(free * 0.9);
    await expect(made("plain.mp4", { maxMegabytes: 0.001 })).rejects.toMatchObject({
      code: "invalid",
      failure: { field: "maxMegabytes", reason: expect.stringMatching(/take at least 0\.\d\d MB as GIF/) },
    });
  });
});

it.each([
  ["tone.wav", {}, /no picture: there is nothing to show/, /output audio/],
  ["still.png", {}, /still picture/, /output image or thumbnail/],
  ["ramp.mp4", { start: { seconds: 60n } }, /begin at 60\.00 s, but the video is only 20\.00 s/, /below 20\.00/],
])("refuses %s", async (name, settings, reason, remedy) => {
  await expect(made(name, settings)).rejects.toMatchObject({
    code: "invalid",
    failure: { reason: expect.stringMatching(reason), remedy: expect.stringMatching(remedy) },
  });
});

it("leaves no temporary files", async () => {
  expect((await readdir(tempDir)).filter((name) => name.startsWith("preview-"))).toEqual([]);
});
