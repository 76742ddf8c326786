import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { WaveformFormat, WaveformSchema } from "@polyreel/contract";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "../../image/image-workers.js";
import { probe } from "../../probe/probe.js";
import { foreseeFile, makeFile } from "../make-file.js";

const { JSON: DATA, PNG } = WaveformFormat;
const never = new AbortController().signal;
const images = new ImageWorkers({ processes: 1 });
let folder: string;
let tempDir: string;

const ffmpeg = (...args: string[]) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...args]);
const at = (name: string) => join(folder, name);
const expression = (...channels: string[]) => ["-f", "lavfi", "-i", `aevalsrc='${channels.join("|")}':d=4:s=48000`];

type Settings = Omit<MessageInitShape<typeof WaveformSchema>, "$typeName">;

async function made(name: string, settings: Settings, { track = 0, signal = never } = {}) {
  const source = { path: at(name), probe: await probe(at(name), { signal: never }) };
  const defaults = settings.format === PNG ? { width: 200, height: 100, color: "#0000ff" } : { format: DATA, bits: 16 };
  const operation = { case: "waveform" as const, value: create(WaveformSchema, { ...defaults, ...settings }) };
  const fractions: number[] = [];
  const onProgress = (to: number) => void fractions.push(to);
  const work = { signal, tempDir, images, av1: "libsvtav1" as const, track, onProgress };
  const foreseen = foreseeFile(operation, source.probe, track);
  return { ...(await makeFile(source, operation, work)), foreseen, fractions };
}

interface Data {
  readonly channels: number;
  readonly samples_per_pixel: number;
  readonly length: number;
  readonly data: number[];
}

async function dataOf(name: string, settings: Settings = {}, options?: Parameters<typeof made>[2]) {
  const { payloadPath, ...rest } = await made(name, settings, options);
  const text = await readFile(payloadPath, "utf8");
  return { ...rest, sizeBytes: text.length, json: JSON.parse(text) as Data };
}

async function pixelsOf(name: string, settings: Settings = {}) {
  const { payloadPath, index } = await made(name, { format: PNG, ...settings });
  const { data, info } = await sharp(payloadPath).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)];
  /** Painted rows of a column. */
  const rows = (x: number) => Array.from({ length: info.height }, (_, y) => y).filter((y) => (at(x, y)[3] ?? 0) > 127);
  return { index, info, at, rows };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-waveform-"));
  tempDir = await mkdtemp(join(folder, "work-"));
  const tone = "0.5*sin(2*PI*1000*t)*between(t,1,2)";
  const picture = ["-f", "lavfi", "-i", "color=blue:size=64x64:rate=25:duration=2"];
  await Promise.all([
    ffmpeg(...expression(tone), "-c:a", "pcm_f32le", at("tone.wav")),
    ffmpeg(...expression("0.8*sin(880*t)", "0.2*sin(880*t)"), at("sides.wav")),
    ffmpeg(...expression("0.9*eq(n,96000)", "-0.6*eq(n,144000)"), "-c:a", "flac", at("impulses.flac")),
    ffmpeg(...expression("random(0)-0.5", "random(1)-0.5"), at("noise.wav")),
    ffmpeg("-f", "lavfi", "-i", "aevalsrc='0.3*sin(440*t)|0|0|0|0|0':d=1:s=44100:c=5.1", at("surround.flac")),
    ffmpeg(...expression("0*t"), at("silence.wav")),
    ffmpeg(...picture, "-c:v", "libx264", at("mute.mp4")),
    ffmpeg(...picture, "-itsoffset", "1", ...expression("0.5*sin(880*t)"), "-t", "2", "-c:a", "aac", at("late.mp4")),
    ffmpeg(
      ...[...expression("0.1*sin(880*t)"), ...expression("0.7*sin(880*t)"), "-map", "0", "-map", "1"],
      at("tracks.mka"),
    ),
  ]);
  await ffmpeg("-i", at("noise.wav"), "-f", "f32le", "-ac", "2", "-ar", "48000", at("noise.pcm"));
  await ffmpeg("-i", at("noise.wav"), "-c:a", "aac", "-movflags", "+faststart", at("cut.m4a"));
  await truncate(at("cut.m4a"), Math.floor((await stat(at("cut.m4a"))).size / 2));
});

afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

describe("as data", () => {
  it("has the peaks of a tone, and silence around it", async () => {
    const { index, json, foreseen, fractions } = await dataOf("tone.wav", { samplesPerPixel: 480 });
    expect(json).toMatchObject({ channels: 1, samples_per_pixel: 480, length: 400, bits: 16, sample_rate: 48000 });
    const pixel = (seconds: number) => json.data.slice(seconds * 200, seconds * 200 + 2);
    expect([pixel(0.5), pixel(2.5)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(pixel(1.5)).toEqual([expect.closeTo(-16384, -1), expect.closeTo(16384, -1)]);
    expect(index).toMatchObject({ format: "json", durationSeconds: 4, warnings: [] });
    expect(index.waveform).toMatchObject({ channels: 1, samplesPerPixel: 480, length: 400, bits: 16 });
    expect(index.waveform?.peak).toBeCloseTo(0.5, 3);
    expect(foreseen).toMatchObject({ seconds: 4, sizeBytes: expect.any(Number) });
    expect(fractions.at(-1)).toBeCloseTo(0.99, 1);
  });

  it("equals the decoded samples", async () => {
    const { json, sizeBytes, foreseen } = await dataOf("noise.wav", { splitChannels: true });
    const bytes = await readFile(at("noise.pcm"));
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    expect(json).toMatchObject({ channels: 2, samples_per_pixel: 256, length: 750 });
    for (let pixel = 0; pixel < json.length; pixel++) {
      for (const channel of [0, 1]) {
        const own = values.subarray(pixel * 512, (pixel + 1) * 512).filter((_, i) => i % 2 === channel);
        const expected = [Math.min(...own), Math.max(...own)].map((value) => Math.round(value * 32768) + 0);
        expect(json.data.slice(pixel * 4 + channel * 2, pixel * 4 + channel * 2 + 2)).toEqual(expected);
      }
    }
    expect(foreseen.sizeBytes / sizeBytes).toBeCloseTo(1, 0);
  });

  it("places impulses of either channel to the pixel", async () => {
    const { json } = await dataOf("impulses.flac", { splitChannels: true, pixelsPerSecond: 1000, bits: 8 });
    expect(json).toMatchObject({ samples_per_pixel: 48, length: 4000 });
    const found = json.data.flatMap((value, i) => (value === 0 ? [] : [[Math.floor(i / 4), i % 4, value]]));
    expect(found).toEqual([
      [2000, 1, 115],
      [3000, 2, -77],
    ]);
  });

  it("mixes channels unless they are split; mono and surround become what players play", async () => {
    const highest = async (name: string, splitChannels: boolean) => {
      const { json } = await dataOf(name, { splitChannels });
      const of = (channel: number) =>
        Math.max(...json.data.filter((_, i) => i % (json.channels * 2) === channel * 2 + 1)) / 32768;
      return Array.from({ length: json.channels }, (_, channel) => Math.round(of(channel) * 100) / 100);
    };
    expect(await highest("sides.wav", false)).toEqual([0.5]);
    expect(await highest("sides.wav", true)).toEqual([0.8, 0.2]);
    expect(await highest("tone.wav", true)).toEqual([0.5]);
    expect(await highest("surround.flac", true)).toEqual([0.3, 0]);
  });

  it("begins at the first picture, as players do", async () => {
    const { json } = await dataOf("late.mp4", { samplesPerPixel: 4800 });
    expect(json.data.slice(0, 18).every((value) => Math.abs(value) < 300)).toBe(true);
    expect(Math.max(...json.data.slice(22, 26))).toBeGreaterThan(15_000);
  });

  it("of the track that was asked for", async () => {
    expect((await dataOf("tracks.mka", {}, { track: 2 })).index.waveform?.peak).toBeCloseTo(0.7, 1);
    await expect(dataOf("tracks.mka", {}, { track: 3 })).rejects.toThrow(/no sound track 3/);
  });

  it("warns if the file ends earlier than it states", async () => {
    const { index } = await dataOf("cut.m4a");
    expect(index.durationSeconds).toBeLessThan(3);
    expect(index.warnings).toEqual([expect.stringMatching(/ends after \d\.\d s, although the file states 4\.0 s/)]);
  });
});

describe("as a picture", () => {
  it("shows the whole sound in its width, on a transparent background", async () => {
    const { rows, at, info, index } = await pixelsOf("tone.wav");
    expect(info).toMatchObject({ width: 200, height: 100, channels: 4 });
    expect(at(75, 5)).toEqual([0, 0, 0, 0]);
    expect(at(75, 50)).toEqual([0, 0, 255, 255]);
    expect([rows(25), rows(150)]).toEqual([[50], [50]]);
    expect([rows(75)[0], rows(75).at(-1)]).toEqual([25, 74]);
    expect(index).toMatchObject({ format: "png", waveform: { channels: 1, length: 200, height: 100 } });
    expect(index.waveform?.samplesPerPixel).toBe(960);
  });

  it("draws channels below each other, in colours that may be translucent", async () => {
    const settings = { splitChannels: true, color: "#ff000080", background: "#ffffff" };
    const { at } = await pixelsOf("sides.wav", settings);
    expect(at(100, 1)).toEqual([255, 255, 255, 255]);
    expect(at(100, 25)).toEqual([255, 127, 127, 255]);
    expect(at(100, 55)).toEqual([255, 255, 255, 255]);
    expect(at(100, 75)).toEqual([255, 127, 127, 255]);
  });

  it("is a line for silence", async () => {
    const { rows } = await pixelsOf("silence.wav");
    for (const x of [0, 100, 199]) expect(rows(x)).toEqual([50]);
  });
});

describe("refuses", () => {
  it.each(["mute.mp4"])("%s, which has no sound, before any work", async (name) => {
    await expect(made(name, { format: PNG })).rejects.toMatchObject({
      failure: { reason: "The file has no sound." },
    });
  });

  it("more pairs of values than are possible, with what is", async () => {
    const long = { ...(await probe(at("noise.wav"), { signal: never })) };
    const audio = { ...long.audio, durationSeconds: 36_000, exactSeconds: 36_000 } as NonNullable<typeof long.audio>;
    const foresee = (settings: Settings) => {
      const value = create(WaveformSchema, { format: DATA, bits: 8, ...settings });
      return foreseeFile({ case: "waveform", value }, { ...long, audio, tracks: [audio] }, 0);
    };
    expect(() => foresee({ samplesPerPixel: 256 })).toThrow(/36000 s .* 6750000 pairs of values; 1048576/);
    expect(() => foresee({ samplesPerPixel: 1648, splitChannels: false })).not.toThrow();
    expect(() => foresee({ pixelsPerSecond: 29.2 })).toThrow(/pairs/);
    expect(() => foresee({ pixelsPerSecond: 29.1 })).not.toThrow();
    expect(foresee({}).sizeBytes).toBeLessThan(8e6);
    const endless = { ...audio, durationSeconds: 100_000, exactSeconds: 100_000 };
    const value = create(WaveformSchema, { format: PNG, width: 100, height: 50 });
    expect(() => foreseeFile({ case: "waveform", value }, { ...long, audio: endless }, 0)).toThrow(/24 hours/);
  });

  it("what cannot be decoded, and leaves no file when it is cancelled", async () => {
    await writeFile(at("noise.mp3"), Buffer.alloc(50_000, "not sound at all"));
    await expect(made("noise.mp3", {})).rejects.toThrow();
    const before = await readdir(tempDir);
    const stop = new AbortController();
    const making = dataOf("noise.wav", {}, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stopped")), 30);
    await expect(making).rejects.toThrow();
    expect(await readdir(tempDir)).toEqual(before);
  });
});
