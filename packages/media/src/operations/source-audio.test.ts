import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { probe } from "../probe/probe.js";
import { NEEDS_REAL_MEDIA } from "../testing/index.js";
import { decodedSound, probed } from "../testing/read-back.js";
import { REAL_MEDIA } from "../testing/real-media.js";
import { SOURCE_AUDIO_DEFAULTS, sourceAudio } from "./source-audio.js";

const signal = new AbortController().signal;
let folder: string;
let tempDir: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-source-audio-"));
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-source-audio-temp-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(tempDir, { recursive: true });
});

const at = (name: string) => join(folder, name);
const bounds = { signal, deadlineSeconds: 60, maxOutputBytes: 1 << 28 };
const SWEEP = "aevalsrc='0.4*sin(2*PI*(200+300*t)*t)|0.3*sin(2*PI*500*t)':s=44100:d=3.3";
const PICTURE = "testsrc2=s=64x64:r=25:d=4";

async function make(name: string, lavfi: readonly string[], options: readonly string[]): Promise<string> {
  await runFfmpeg({
    inputs: lavfi.map((graph) => ({ lavfi: graph })),
    outputs: [{ file: at(name), options }],
    ...bounds,
  });
  return at(name);
}

/** Remuxes a file into another container. */
async function copied(from: string, name: string, options: readonly string[] = []): Promise<string> {
  await runFfmpeg({
    inputs: [{ file: from }],
    outputs: [{ file: at(name), options: ["-c", "copy", ...options] }],
    ...bounds,
  });
  return at(name);
}

const audioOf = async (path: string, settings: Partial<typeof SOURCE_AUDIO_DEFAULTS> = {}) =>
  sourceAudio(
    { path, probe: await probe(path, { signal }) },
    { ...SOURCE_AUDIO_DEFAULTS, ...settings },
    { signal, tempDir },
  );

const AAC = ["-c:a", "aac", "-b:a", "96k"];
const VIDEO = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

describe("AAC is copied, exact to the sample", () => {
  test.each([
    ["m4a", []],
    ["mp4", []],
    ["mkv", []],
    ["ts", []],
    ["flv", []],
  ])("from %s", async (container) => {
    const streams = container === "m4a" ? [SWEEP] : [PICTURE, `${SWEEP},asetpts=PTS+0.5/TB`];
    const video = container === "m4a" ? [] : ["-map", "0:v", "-map", "1:a", ...VIDEO];
    const path = await make(`copied.${container}`, streams, [...video, ...AAC, "-metadata", "title=secret"]);
    const sound = await audioOf(path);
    expect(sound).toMatchObject({ copied: true, sampleRate: 44_100, channels: 2 });
    expect(Buffer.compare(await decodedSound(sound.payloadPath), await decodedSound(path))).toBe(0);
    const {
      streams: [track, ...others],
      format,
      packets,
    } = await probed(sound.payloadPath);
    expect(others).toEqual([]);
    expect(track).toMatchObject({ codec_name: "aac", start_pts: 0 });
    expect(packets[0]?.pts).toBeGreaterThanOrEqual(-1024);
    expect(Math.abs(Number(format.duration) - sound.audioSeconds)).toBeLessThan(0.03);
    expect(Math.abs(sound.audioSeconds - 3.3)).toBeLessThan(0.08);
    expect((format as unknown as { tags: Record<string, string> }).tags).not.toHaveProperty("title");
    expect((await readFile(sound.payloadPath)).indexOf("moov")).toBeLessThan(100);
  });

  test("from ADTS, in mono", async () => {
    const path = await make("mono.aac", ["sine=r=22050:d=2"], AAC);
    const sound = await audioOf(path);
    expect(sound).toMatchObject({ copied: true, sampleRate: 22_050, channels: 1 });
    expect(Buffer.compare(await decodedSound(sound.payloadPath), await decodedSound(path))).toBe(0);
  });

  test("at 96 kHz in 5.1", async () => {
    const six = "aevalsrc=exprs='sin(900*t)|sin(800*t)|sin(700*t)|0|sin(600*t)|sin(500*t)':s=96000:d=1:c=5.1";
    const path = await make("six.mp4", [six], ["-c:a", "aac", "-b:a", "384k"]);
    const sound = await audioOf(path);
    expect(sound).toMatchObject({ copied: true, sampleRate: 96_000, channels: 6, audioSeconds: 1 });
    expect((await probed(sound.payloadPath)).streams[0]).toMatchObject({ duration_ts: 96_000, channel_layout: "5.1" });
    expect(Buffer.compare(await decodedSound(sound.payloadPath), await decodedSound(path))).toBe(0);
  });

  test("if it begins with silence, or is silent", async () => {
    for (const [name, loud] of [
      ["late", "0.3*gt(t,4)*sin(900*t)"],
      ["never", "0"],
    ] as const) {
      const path = await make(`${name}.mp4`, [`aevalsrc='${loud}|0':s=48000:d=5`], AAC);
      const sound = await audioOf(path);
      expect(sound).toMatchObject({ copied: true, audioSeconds: 5 });
      expect(Buffer.compare(await decodedSound(sound.payloadPath), await decodedSound(path))).toBe(0);
    }
  });

  test("from the requested track", async () => {
    const two = ["-map", "0:a", "-map", "1:a", ...AAC];
    const path = await make("two.mkv", ["sine=f=200:d=2", "sine=f=900:d=2:r=48000"], two);
    expect((await audioOf(path, { track: 2 })).sampleRate).toBe(48_000);
    expect((await audioOf(path, { track: 1 })).sampleRate).toBe(44_100);
    await expect(audioOf(path, { track: 3 })).rejects.toThrow("The file has no sound track 3");
  });
});

describe("other audio is encoded", () => {
  test.each([
    ["wav", []],
    ["mp3", ["-c:a", "libmp3lame"]],
    ["flac", []],
    ["opus", ["-c:a", "libopus"]],
    ["webm", ["-map", "0:a", "-map", "1:v", "-c:v", "libvpx", "-c:a", "libopus"]],
  ])("from %s, with its length", async (container, options) => {
    const path = await make(`other.${container}`, container === "webm" ? [SWEEP, PICTURE] : [SWEEP], options);
    const sound = await audioOf(path);
    expect(sound).toMatchObject({ copied: false, sampleRate: 48_000, channels: 2 });
    expect(Math.abs(sound.audioSeconds - 3.3)).toBeLessThan(container === "wav" || container === "flac" ? 0.001 : 0.06);
    const { streams } = await probed(sound.payloadPath);
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({
      codec_name: "aac",
      start_pts: 0,
      duration_ts: Math.round(sound.audioSeconds * 48_000),
    });
    // The same sound at the same position: the left channel is the sweep.
    const [copied, own] = [await decodedSound(sound.payloadPath), await at48(path)];
    let [error, power] = [0, 0];
    for (let sample = 4800; sample < 140_000; sample++) {
      const [one, other] = [copied.readFloatLE(sample * 8), own.readFloatLE(sample * 8)];
      error += (one - other) ** 2;
      power += other ** 2;
    }
    expect(10 * Math.log10(power / error)).toBeGreaterThan(25);
  });

  test("at the requested bit rate", async () => {
    const noise = await make("noise.wav", ["anoisesrc=d=5:r=48000:a=0.3"], ["-ac", "2"]);
    const [small, large] = [
      await audioOf(noise, { bitsPerSecond: 64_000 }),
      await audioOf(noise, { bitsPerSecond: 256_000 }),
    ];
    expect(Math.abs((small.sizeBytes * 8) / 5 / 64_000 - 1)).toBeLessThan(0.15);
    expect(Math.abs((large.sizeBytes * 8) / 5 / 256_000 - 1)).toBeLessThan(0.15);
  });

  test("also AAC whose packets leave gaps, which become silence", async () => {
    const path = await make(
      "whole.mp4",
      [PICTURE, "sine=r=48000:d=4"],
      ["-map", "0:v", "-map", "1:a", ...VIDEO, ...AAC],
    );
    const gap = await copied(path, "gap.ts", ["-bsf:a", "noise=drop='between(n,40,90)'"]);
    const sound = await audioOf(gap);
    expect(sound.copied).toBe(false);
    expect(Math.abs(sound.audioSeconds - 4)).toBeLessThan(0.08);
  });

  test("also AAC that changes its format midway", async () => {
    const stereo = await make("stereo.aac", ["aevalsrc='sin(900*t)|sin(800*t)':s=48000:d=2"], AAC);
    const other = await make("other-rate.aac", ["sine=r=24000:d=2"], AAC);
    const changing = at("changing.aac");
    await writeFile(changing, Buffer.concat([await readFile(stereo), await readFile(other)]));
    const sound = await audioOf(changing);
    expect(sound.copied).toBe(false);
    expect(sound.sampleRate).toBe(48_000);
  });
});

/** As stereo at 48 kHz. */
async function at48(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ file: path }],
    outputs: [{ stdout: true, options: ["-map", "0:a", "-f", "f32le", "-ar", "48000", "-ac", "2"] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    ...bounds,
  });
  return Buffer.concat(chunks);
}

describe("reports", () => {
  test("a file without audio", async () => {
    const path = await make("silent.mp4", [PICTURE], VIDEO);
    await expect(audioOf(path)).rejects.toMatchObject({ code: "invalid", message: "The file has no sound." });
  });

  test("a cancellation, and leaves only finished files", async () => {
    const path = at("copied.mp4");
    const source = { path, probe: await probe(path, { signal }) };
    const work = { signal: AbortSignal.abort(), tempDir };
    await expect(sourceAudio(source, SOURCE_AUDIO_DEFAULTS, work)).rejects.toMatchObject({ code: "cancelled" });
    expect((await readdir(tempDir)).filter((name) => !name.endsWith(".m4a"))).toEqual([]);
  });
});

test("preserves the sound of real recordings", NEEDS_REAL_MEDIA, async () => {
  const flower = join(REAL_MEDIA ?? "", "flower.mp4");
  const sound = await audioOf(flower);
  expect(sound).toMatchObject({ copied: true, channels: 2 });
  expect(Buffer.compare(await decodedSound(sound.payloadPath), await decodedSound(flower))).toBe(0);
  const roar = await audioOf(join(REAL_MEDIA ?? "", "t-rex-roar.mp3"));
  expect(roar.copied).toBe(false);
});
