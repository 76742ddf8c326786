import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AudioCodec, MediaContainer, TranscodeSchema, VideoCodec, VideoFit } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { av1Encoder } from "../ffmpeg/build.js";
import { ImageWorkers } from "../image/image-workers.js";
import type { Probe } from "../probe/parse.js";
import { probe } from "../probe/probe.js";
import { transcode } from "./transcode.js";

type Settings = MessageInitShape<typeof TranscodeSchema>;

const { MP4, WEBM, MOV, MKV } = MediaContainer;
const { signal } = new AbortController();
const images = new ImageWorkers({ processes: 1 });
let folder: string;
let tempDir: string;
const probes: Record<string, Promise<Probe>> = {};

const ffmpeg = (...args: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...args]);
const at = (name: string) => join(folder, name);
/** Errors of decoding all of a file. */
const faultsOf = async (path: string) => (await ffmpeg("-i", path, "-f", "null", "-")).stderr;
const packetsOf = async (path: string, stream: string) =>
  (await ffmpeg("-i", path, "-map", `0:${stream}`, "-c", "copy", "-f", "streamhash", "-")).stdout;
/** The mean colour of a frame, by channel. */
async function colourAt(path: string, seconds: number, crop = "in_w:in_h:0:0"): Promise<number[]> {
  const raw = at("pixel.rgb");
  const filter = `crop=${crop},scale=1:1:flags=area,format=rgb24`;
  await ffmpeg("-ss", String(seconds), "-i", path, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", raw);
  return [...(await readFile(raw))];
}

async function made(name: string, settings: Settings, track = 0) {
  probes[name] ??= probe(at(name), { signal });
  const source = { path: at(name), probe: await probes[name] };
  const normalised = create(TranscodeSchema, { container: MP4, background: "#000000", ...settings });
  const work = { signal, tempDir, images, av1: await av1Encoder(), track };
  const { payloadPath, index } = await transcode(source, normalised, work);
  return { path: payloadPath, index };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-transcode-"));
  tempDir = await mkdtemp(join(folder, "work-"));
  const tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=2", "-c:a", "aac"];
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2"];
  const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
  // A second of red, then one of blue: trims show.
  const colours =
    "color=red:size=160x90:rate=25:duration=1[r];color=blue:size=160x90:rate=25:duration=1[b];[r][b]concat";
  await Promise.all([
    ffmpeg(...picture, ...tone, ...h264, at("talk.mp4")),
    ffmpeg(...picture, ...h264, at("silent.mp4")),
    ffmpeg(
      "-filter_complex",
      `${colours}[v];sine=duration=2[a]`,
      "-map",
      "[v]",
      "-map",
      "[a]",
      ...h264,
      "-c:a",
      "aac",
      at("colours.mkv"),
    ),
    ffmpeg(...picture, ...tone, "-c:v", "mpeg4", at("old.avi")),
  ]);
  await ffmpeg("-display_rotation", "90", "-i", at("talk.mp4"), "-c", "copy", at("phone.mov")).catch(() =>
    ffmpeg("-i", at("talk.mp4"), "-c", "copy", "-metadata:s:v", "rotate=270", at("phone.mov")),
  );
});
afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

describe("encodes", () => {
  it.each([
    ["H.264 in MP4", { container: MP4, crf: 30 }, "h264", "aac"],
    ["HEVC in MOV", { container: MOV, videoCodec: VideoCodec.HEVC }, "hevc", "aac"],
    ["VP9 in WebM", { container: WEBM, audioCodec: AudioCodec.OPUS, maxVideoKbps: 400 }, "vp9", "opus"],
    ["AV1 in WebM", { container: WEBM, videoCodec: VideoCodec.AV1 }, "av1", "opus"],
    ["H.264 of AVI in MKV", { container: MKV, name: "old.avi" }, "h264", "aac"],
  ] as const)("%s", async (_, { ...settings }, video, audio) => {
    const { name = "talk.mp4", ...asked } = { name: "talk.mp4", ...settings };
    const { path, index } = await made(name, { shortSide: 90, ...asked });
    const found = await probe(path, { signal });
    expect(found.video).toMatchObject({ codec: video, width: 160, height: 90, frameRate: 25 });
    expect(found.audio).toMatchObject({ codec: audio, channels: 1 });
    expect(index).toMatchObject({ video: { codec: video, copied: false, width: 160 }, warnings: [] });
    expect(found.video?.durationSeconds).toBeCloseTo(2, 1);
    expect(found.audio?.durationSeconds).toBeCloseTo(2, 1);
    expect(await faultsOf(path)).toBe("");
  });

  it("gives the same bytes for the same settings", async () => {
    const digest = async () =>
      createHash("sha256").update(await readFile((await made("talk.mp4", { shortSide: 90 })).path));
    expect((await digest()).digest("hex")).toBe((await digest()).digest("hex"));
  });
});

describe("copies streams that fit", () => {
  it("remuxes without an encode", async () => {
    const { path, index } = await made("talk.mp4", { container: MKV, shortSide: 480 });
    expect(index).toMatchObject({ video: { copied: true }, audio: { copied: true }, encodedMegapixels: 0 });
    expect(index.warnings?.[0]).toMatch(/smaller than asked for and keeps 320x180/);
    for (const stream of ["v", "a"])
      expect(await packetsOf(path, stream)).toBe(await packetsOf(at("talk.mp4"), stream));
  });

  it("copies the sound beside a picture that is encoded, in sync", async () => {
    const { path, index } = await made("talk.mp4", { height: 90 });
    expect(index).toMatchObject({ video: { copied: false, width: 160 }, audio: { copied: true, codec: "aac" } });
    expect(await packetsOf(path, "a")).toBe(await packetsOf(at("talk.mp4"), "a"));
  });

  it("copies the picture beside sound that is encoded", async () => {
    const { path, index } = await made("talk.mp4", { audioCodec: AudioCodec.OPUS });
    expect(index).toMatchObject({ video: { copied: true }, audio: { copied: false, codec: "opus" } });
    expect(await packetsOf(path, "v")).toBe(await packetsOf(at("talk.mp4"), "v"));
  });

  it("encodes what exceeds the cap", async () => {
    const { index } = await made("talk.mp4", { maxVideoKbps: 200 });
    expect(index.video?.copied).toBe(false);
  });
});

describe("changes the picture", () => {
  it.each([
    ["covers a box", { width: 90, height: 90, fit: VideoFit.COVER }, [90, 90]],
    ["fits a box", { width: 90, height: 90, fit: VideoFit.CONTAIN }, [90, 50]],
    ["pads a box", { width: 90, height: 90, fit: VideoFit.PAD }, [90, 90]],
    ["enlarges on request", { shortSide: 240, upscale: true }, [426, 240]],
    ["rotates", { rotate: 90, crf: 30 }, [180, 320]],
    ["crops", { crop: { x: 10, y: 20, width: 100, height: 60 } }, [100, 60]],
  ] as const)("%s", async (_, settings, [width, height]) => {
    const { index } = await made("silent.mp4", settings);
    expect(index.video).toMatchObject({ width, height, copied: false });
  });

  it("keeps the shorter side of a portrait recording", async () => {
    const { path } = await made("phone.mov", { shortSide: 90 });
    expect((await probe(path, { signal })).video).toMatchObject({ width: 90, height: 160, rotationDegrees: 0 });
  });

  it("shows bars of the given colour", async () => {
    const { path } = await made("silent.mp4", { width: 96, height: 96, fit: VideoFit.PAD, background: "#00ff00" });
    const [red = 0, green = 0] = await colourAt(path, 0.5, "96:10:0:2");
    expect(green - red).toBeGreaterThan(200);
  });

  it("trims to the frame", async () => {
    const trim = { start: { seconds: 0n, nanos: 520_000_000 }, end: { seconds: 1n, nanos: 480_000_000 } };
    const { path, index } = await made("colours.mkv", { trim });
    expect(index.video?.durationSeconds).toBeCloseTo(0.96, 2);
    expect(index.audio?.durationSeconds).toBeCloseTo(0.96, 1);
    const [redBefore = 0, , blueBefore = 0] = await colourAt(path, 0.44);
    const [redAfter = 0, , blueAfter = 0] = await colourAt(path, 0.52);
    expect(redBefore).toBeGreaterThan(200);
    expect(blueBefore).toBeLessThan(50);
    expect(redAfter).toBeLessThan(50);
    expect(blueAfter).toBeGreaterThan(200);
  });

  it("changes the frame rate, and places key frames", async () => {
    const { path, index } = await made("talk.mp4", { fps: 10, gopSeconds: 0.5 });
    expect(index.video?.frameRate).toBeCloseTo(10, 1);
    const shown = ["-select_streams", "v", "-skip_frame", "nokey", "-show_entries", "frame=pts_time", "-of", "csv=p=0"];
    const { stdout } = await promisify(execFile)("ffprobe", ["-v", "error", ...shown, path]);
    expect(
      stdout
        .trim()
        .split(/[\n,]+/)
        .map(Number),
    ).toEqual([0, 0.5, 1, 1.5]);
  });
});

describe("meets a target", () => {
  it.each([
    ["H.264", { container: MP4 }],
    ["HEVC", { container: MP4, videoCodec: VideoCodec.HEVC }],
    ["VP9", { container: WEBM }],
    ["AV1", { container: WEBM, videoCodec: VideoCodec.AV1 }],
  ] as const)("of size, in %s", async (_, settings) => {
    const { path } = await made("talk.mp4", { ...settings, targetMegabytes: 0.12 });
    const { size } = await stat(path);
    expect(size).toBeLessThanOrEqual(120_000);
    expect(size).toBeGreaterThan(60_000);
  });

  it("of loudness", async () => {
    const { index } = await made("talk.mp4", { loudnessLufs: -24, channels: 2 });
    expect(index.audio?.loudnessLufs).toBeCloseTo(-24, 0);
    expect(index.video?.copied).toBe(true);
  });
});

describe("refuses", () => {
  it.each([
    ["sound of a silent file", "silent.mp4", { audioCodec: AudioCodec.AAC }, "audioCodec", /no sound/],
    [
      "a stretch that begins after the end",
      "talk.mp4",
      { trim: { start: { seconds: 3n } } },
      "trim.start",
      /only 2\.0\d s long/,
    ],
    ["a stretch beyond the end", "talk.mp4", { trim: { end: { seconds: 3n } } }, "trim.end", /only 2\.0\d s long/],
    [
      "a crop beyond the picture",
      "talk.mp4",
      { crop: { x: 300, y: 0, width: 100, height: 50 } },
      "crop",
      /320x180 pixels/,
    ],
    [
      "a codec that a container can't hold",
      "talk.mp4",
      { container: WEBM, videoCodec: VideoCodec.COPY },
      "videoCodec",
      /h264, which webm/,
    ],
    [
      "a size that can't be reached",
      "talk.mp4",
      { targetMegabytes: 0.001 },
      "targetMegabytes",
      /can't be encoded in 0\.001 MB/,
    ],
    ["a width above the source's", "talk.mp4", { width: 640 }, "width", /320x180 pixels: width 640 would enlarge it/],
    ["a height above the source's", "talk.mp4", { height: 2160 }, "height", /height 2160 would enlarge it/],
    ["a larger box to cover", "talk.mp4", { width: 160, height: 200, fit: VideoFit.COVER }, "height", /would enlarge/],
    ["4K of less", "talk.mp4", { shortSide: 2160 }, "shortSide", /320x180 pixels: shortSide 2160 would enlarge it/],
    [
      "more than Opus takes",
      "talk.mp4",
      { audioCodec: AudioCodec.OPUS, audioKbps: 320, channels: 1 },
      "audioKbps",
      /one channel for 320 kbit\/s; Opus takes up to 256/,
    ],
  ] as const)("%s", async (_, name, settings, field, reason) => {
    await expect(made(name, settings as Settings)).rejects.toMatchObject({
      code: "invalid",
      failure: { field, reason: expect.stringMatching(reason) },
    });
  });
});

it("leaves nothing but its files", async () => {
  expect((await readdir(tempDir)).filter((name) => !/\.(mp4|webm|mov|mkv)$/.test(name))).toEqual([]);
});
