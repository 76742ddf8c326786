import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { AudioFormat, CompressQuality, RenditionRecipeSchema, VideoCodec } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "../image/image-workers.js";
import type { Probe } from "../probe/parse.js";
import { probe } from "../probe/probe.js";
import { foreseeFile, makeFile } from "./make-file.js";

type Operation = NonNullable<MessageInitShape<typeof RenditionRecipeSchema>["operation"]>;

const { signal } = new AbortController();
const { MP3, OPUS, WAV, FLAC, M4A } = AudioFormat;
const images = new ImageWorkers({ processes: 1 });
let folder: string;
let tempDir: string;
const probes: Record<string, Promise<Probe>> = {};

const ffmpeg = (...args: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...args]);
const at = (name: string) => join(folder, name);
const faultsOf = async (path: string) => (await ffmpeg("-i", path, "-f", "null", "-")).stderr;
const packetsOf = async (path: string) =>
  (await ffmpeg("-i", path, "-map", "0:a", "-c", "copy", "-f", "streamhash", "-")).stdout;

async function made(name: string, given: Operation) {
  probes[name] ??= probe(at(name), { signal });
  const source = { path: at(name), probe: await probes[name] };
  const { operation } = create(RenditionRecipeSchema, { operation: given });
  const work = { signal, tempDir, images, av1: "libsvtav1" as const, track: 0 };
  return { ...(await makeFile(source, operation, work)), foreseen: foreseeFile(operation, source.probe, 0) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-files-"));
  tempDir = await mkdtemp(join(folder, "work-"));
  const tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=2"];
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=2"];
  await Promise.all([
    ffmpeg(
      ...picture,
      ...tone,
      "-c:v",
      "libx264",
      "-crf",
      "5",
      "-pix_fmt",
      "yuv420p",
      "-c:a",
      "aac",
      "-metadata",
      "title=A talk",
      at("large.mp4"),
    ),
    ffmpeg(
      ...picture,
      ...tone,
      "-c:v",
      "libx264",
      "-crf",
      "51",
      "-pix_fmt",
      "yuv420p",
      "-c:a",
      "aac",
      "-b:a",
      "16k",
      at("small.mp4"),
    ),
    ffmpeg(...picture, "-c:v", "libvpx-vp9", "-crf", "63", "-b:v", "0", at("small.webm")),
    ffmpeg(...tone, "-c:a", "libmp3lame", at("song.mp3")),
    ffmpeg("-f", "lavfi", "-i", "aevalsrc=0.3*sin(2*PI*440*t)|0.2*sin(2*PI*660*t):s=48000:d=2", at("wide.wav")),
  ]);
});
afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

describe("compresses", () => {
  const medium = { quality: CompressQuality.MEDIUM, videoCodec: VideoCodec.H264 };

  it("to a smaller MP4", async () => {
    const { payloadPath, index } = await made("large.mp4", { case: "compress", value: medium });
    expect((await stat(payloadPath)).size).toBeLessThan((await stat(at("large.mp4"))).size / 2);
    expect(index).toMatchObject({ format: "mp4", video: { codec: "h264", width: 160, height: 90, copied: false } });
    expect(await faultsOf(payloadPath)).toBe("");
  });

  it("to a target size", async () => {
    const value = { targetMegabytes: 0.06, videoCodec: VideoCodec.H264 };
    expect((await stat((await made("large.mp4", { case: "compress", value })).payloadPath)).size).toBeLessThanOrEqual(
      60_000,
    );
  });

  it("never to a larger file: then it is the input itself, and says so", async () => {
    const { payloadPath, index } = await made("small.mp4", {
      case: "compress",
      value: { ...medium, quality: CompressQuality.HIGH },
    });
    expect(await readFile(payloadPath)).toEqual(await readFile(at("small.mp4")));
    expect(index).toMatchObject({ unchanged: true, warnings: [expect.stringContaining("the input itself")] });
  });

  it("puts a small file of another container into an MP4 that is no larger", async () => {
    const { payloadPath, index } = await made("small.webm", { case: "compress", value: medium });
    expect((await stat(payloadPath)).size).toBeLessThanOrEqual((await stat(at("small.webm"))).size);
    expect(index.format).toBe("mp4");
  });
});

describe("makes sound alone", () => {
  it.each([
    ["mp3", MP3, "mp3"],
    ["opus", OPUS, "opus"],
    ["wav", WAV, "pcm_s16le"],
    ["flac", FLAC, "flac"],
  ] as const)("as %s", async (name, format, codec) => {
    const { payloadPath, index } = await made("large.mp4", { case: "audio", value: { format } });
    expect(payloadPath).toMatch(new RegExp(`\\.${name}$`));
    expect(index).toMatchObject({ format: name, audio: { codec, channels: 1, copied: false } });
    const { audio, video, durationSeconds } = await probe(payloadPath, { signal });
    expect([audio?.codec, video]).toEqual([codec, undefined]);
    expect(durationSeconds).toBeCloseTo(2, 1);
    expect(await faultsOf(payloadPath)).toBe("");
  });

  it("copies sound that has the format", async () => {
    const { payloadPath, index } = await made("song.mp3", { case: "audio", value: { format: MP3 } });
    expect(index.audio?.copied).toBe(true);
    expect(await packetsOf(payloadPath)).toBe(await packetsOf(at("song.mp3")));
  });

  it("at a loudness, and a rate", async () => {
    const value = { format: M4A, kbps: 64, loudnessLufs: -20, channels: 1 };
    const { index } = await made("song.mp3", { case: "audio", value });
    expect(index.audio).toMatchObject({ codec: "aac", channels: 1, copied: false });
    expect(index.audio?.loudnessLufs).toBeCloseTo(-20, 0);
  });

  it.each([
    ["flac", FLAC, 1],
    ["mp3", MP3, 1],
    ["flac", FLAC, 2],
  ])("at a loudness as %s, of two channels that differ", async (_, format, channels) => {
    const { index } = await made("wide.wav", { case: "audio", value: { format, loudnessLufs: -18, channels } });
    expect(index.audio?.channels).toBe(channels);
    expect(index.audio?.loudnessLufs).toBeCloseTo(-18, 0);
    expect(index.audio?.truePeakDbtp).toBeLessThan(-1);
  });

  it("at no rate that the encoder does not take", async () => {
    const value = { format: OPUS, kbps: 400, channels: 1 };
    await expect(made("wide.wav", { case: "audio", value })).rejects.toMatchObject({
      failure: { field: "kbps", remedy: expect.stringContaining("16 to 256 kbit/s") },
    });
  });

  it("not of FLAC whose header has another rate than its frames", async () => {
    await promisify(execFile)("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=d=4", at("rate.flac")]);
    const bytes = await readFile(at("rate.flac"));
    const [begin, rate] = [18, 44_100]; // Of 20 bits, in STREAMINFO.
    expect(bytes.readUInt32BE(begin) >>> 12).toBe(rate);
    bytes.writeUInt32BE(((rate * 10 * 2 ** 12) >>> 0) + (bytes.readUInt32BE(begin) & 0xfff), begin);
    await writeFile(at("rate.flac"), bytes);
    await expect(made("rate.flac", { case: "audio", value: { format: FLAC } })).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringMatching(/instead of 0\.\d+ s/) },
    });
  });

  it("not of a silent file", async () => {
    await expect(made("small.webm", { case: "audio", value: { format: MP3 } })).rejects.toMatchObject({
      failure: { reason: "The file has no sound." },
    });
  });
});

it("describes a file as JSON", async () => {
  const { payloadPath, index } = await made("large.mp4", { case: "metadata", value: {} });
  expect(index.format).toBe("json");
  expect(JSON.parse(await readFile(payloadPath, "utf8"))).toMatchObject({
    ...{ container: expect.stringContaining("mp4"), durationSeconds: expect.closeTo(2, 1) },
    video: { codec: "h264", width: 160, height: 90, frameRate: 25, pixelFormat: "yuv420p", colour: { hdr: false } },
    audio: [{ codec: "aac", channels: 1, sampleRate: 44_100 }],
    loudness: { integratedLufs: expect.closeTo(-21, -1) },
    tags: { title: "A talk" },
  });
});

it("foresees what an encode takes", async () => {
  probes["large.mp4"] ??= probe(at("large.mp4"), { signal });
  const { operation } = create(RenditionRecipeSchema, {
    operation: { case: "compress", value: { targetMegabytes: 0.06 } },
  });
  const foreseen = foreseeFile(operation, await probes["large.mp4"], 0);
  expect(foreseen).toMatchObject({ sizeBytes: 60_000, encodedMegapixels: expect.closeTo(0.72, 1) });
});
