import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClipIndex, joinOf, type SoundIndex } from "@polyreel/contract";
import { certify, layOut, writeLayout } from "@polyreel/media/join";
import {
  brightness,
  decodedFrames,
  decodedSound,
  type EncodedPart,
  encodeClip,
  encodeSound,
  probed,
  probedPackets,
  SMALL_FORMAT,
} from "@polyreel/media/testing";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PartStore } from "../part-store.js";

let folder: string;
let parts: PartStore;
/** Clips of 1, 2, 3, 45 and 31 frames; 31 has a key frame within. */
let clips: EncodedPart<ClipIndex>[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "join-"));
  parts = new PartStore(await openFolderStore(join(folder, "store")));
  const sources = ["testsrc2", "mandelbrot", "testsrc", "rgbtestsrc", "testsrc2"];
  clips = [];
  for (const [i, frames] of [1, 2, 3, 45, 70].entries()) {
    const clip = await encodeClip(folder, `clip${i}`, { source: `${sources[i]}=s=180x320:r=30`, frames });
    await parts.put("clip", clip.hash, clip.payload, { kind: { case: "clip", value: clip.index } });
    clips.push(clip);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const clip = (i: number) => clips[i] as EncodedPart<ClipIndex>;

async function soundOf(samples: number): Promise<EncodedPart<SoundIndex>> {
  const sound = await encodeSound(folder, `sound${samples}`, { source: "sine=f=440:r=48000", samples });
  await parts.put("sound", sound.hash, sound.payload, { kind: { case: "sound", value: sound.index } });
  return sound;
}

/** Joins, certifies and writes; `frames`: those of the clips decoded alone, which the output must have. */
async function joined(name: string, used: EncodedPart<ClipIndex>[], sound?: EncodedPart<SoundIndex>) {
  const layout = layOut(used, sound);
  const certificate = certify(used, sound, layout);
  const path = join(folder, name);
  await writeLayout(layout, parts, path);
  expect((await stat(path)).size).toBe(layout.sizeBytes);
  const alone = new Map<string, string[]>();
  for (const { hash, path } of used) {
    if (!alone.has(hash))
      alone.set(
        hash,
        (await decodedFrames(path)).map(({ md5 }) => md5),
      );
  }
  return { path, certificate, frames: used.flatMap(({ hash }) => alone.get(hash) ?? []) };
}

const steps = (times: number[]) => [...new Set(times.slice(1).map((time, i) => time - (times[i] ?? 0)))];

describe.each([
  ["one clip", () => [clip(3)]],
  ["two clips", () => [clip(3), clip(4)]],
  ["a clip repeated", () => [clip(4), clip(4)]],
  ["clips of 1, 2 and 3 frames between longer ones", () => [clip(3), clip(0), clip(1), clip(2), clip(4)]],
  ["60 clips", () => Array.from({ length: 60 }, (_, i) => clip(i % 4))],
])("%s", (name, choose) => {
  test("decode to the frames of the clips, in step, with sound as long as the picture", async () => {
    const used = choose();
    const frameCount = used.reduce((sum, { index }) => sum + index.sizes.length, 0);
    const samples = frameCount * 1600;
    const sound = await soundOf(samples);
    const { path, certificate, frames } = await joined(`${name}.mp4`, used, sound);
    expect(joinOf(certificate)).toMatchObject({ frames: BigInt(frameCount), frameStep: 1000, timescale: 30_000 });

    const decoded = await decodedFrames(path);
    expect(decoded.map(({ md5 }) => md5)).toEqual(frames);
    expect(decoded[0]?.pts).toBe(0);

    const video = await probedPackets(path, "v");
    expect(steps(video.map(({ dts }) => dts))).toEqual(frameCount > 1 ? [1000] : []);
    expect(steps(video.map(({ pts }) => pts).sort((a, b) => a - b))).toEqual(frameCount > 1 ? [1000] : []);

    const joinedSound = await decodedSound(path);
    // ffmpeg 5.1 plays the last packet whole, other decoders to the end of the edit list.
    const excess = joinedSound.length / 8 - samples;
    expect(excess >= 0 && excess < 1024).toBe(true);
    expect(Buffer.compare(joinedSound, await decodedSound(sound.path))).toBe(0);
    const { streams, format } = await probed(path);
    const seconds = frameCount / 30;
    expect(streams.map(({ duration }) => Number(duration))).toEqual([
      expect.closeTo(seconds, 5),
      expect.closeTo(seconds, 5),
    ]);
    expect(Number(format.duration)).toBeCloseTo(seconds, 5);
    expect(Number(format.size)).toBe(Number(certificate.sizeBytes));
  });
});

test("without sound there is no sound track", async () => {
  const { path, frames, certificate } = await joined("silent.mp4", [clip(3), clip(4)]);
  const { streams } = await probed(path);
  expect(streams.map(({ codec_type }) => codec_type)).toEqual(["video"]);
  expect((await decodedFrames(path)).map(({ md5 }) => md5)).toEqual(frames);
  expect(joinOf(certificate)?.loudnessLufs).toBeUndefined();
});

test("declares codec, size and colours of the picture", async () => {
  const { path } = await joined("declared.mp4", [clip(3)], await soundOf(45 * 1600));
  const { streams } = await probed(path);
  expect(streams[0]).toMatchObject({
    codec_name: "h264",
    width: 180,
    height: 320,
    sample_aspect_ratio: "1:1",
    color_space: "bt709",
    color_transfer: "bt709",
    color_primaries: "bt709",
    color_range: "tv",
    r_frame_rate: "30/1",
    avg_frame_rate: "30/1",
    start_pts: 0,
  });
  expect(streams[1]).toMatchObject({ codec_name: "aac", sample_rate: "48000", channels: 2, start_time: "0.000000" });
});

test("at 29.97 frames a second every time is exact", async () => {
  const format = { ...SMALL_FORMAT, rateNumerator: 30_000, rateDenominator: 1001 };
  const used: EncodedPart<ClipIndex>[] = [];
  for (const frames of [33, 7]) {
    const made = await encodeClip(folder, `ntsc${frames}`, {
      source: "testsrc2=s=180x320:r=30000/1001",
      frames,
      format,
    });
    await parts.put("clip", made.hash, made.payload, { kind: { case: "clip", value: made.index } });
    used.push(made);
  }
  const sound = await soundOf(Math.round((40 * 1001 * 48_000) / 30_000));
  const { path, frames } = await joined("ntsc.mp4", used, sound);
  const decoded = await decodedFrames(path);
  expect(decoded.map(({ md5 }) => md5)).toEqual(frames);
  expect(steps((await probedPackets(path, "v")).map(({ dts }) => dts))).toEqual([1001]);
  const { streams } = await probed(path);
  expect(streams.map(({ duration_ts }) => duration_ts)).toEqual([40_040, 64_064]);
  expect(streams[0]?.r_frame_rate).toBe("30000/1001");
});

test("flash and click stay together to the end of 60 joins", async () => {
  // Each clip lasts two thirds of a second; its first frame is white, and the click at its start is as long as that frame.
  const frames = 20;
  const flash = await encodeClip(folder, "flash", {
    source: "color=black:s=180x320:r=30,drawbox=c=white:t=fill:enable='eq(n,0)'",
    frames,
  });
  await parts.put("clip", flash.hash, flash.payload, { kind: { case: "clip", value: flash.index } });
  const used = Array.from({ length: 61 }, () => flash);
  const clicks = await encodeSound(folder, "clicks", {
    source: "aevalsrc='if(lt(mod(t,2/3),1/30),0.7*sin(2*PI*1000*t),0)':s=48000",
    samples: used.length * frames * 1600,
  });
  await parts.put("sound", clicks.hash, clicks.payload, { kind: { case: "sound", value: clicks.index } });
  const { path } = await joined("flash-and-click.mp4", used, clicks);

  const flashes = (await brightness(path)).flatMap((level, frame) => (level > 128 ? [frame / 30] : []));
  expect(flashes.length).toBe(used.length);
  const sound = await decodedSound(path);
  const loudness = (sample: number) => Math.abs(sound.readFloatLE(sample * 8));
  const offsets = flashes.map((seconds) => {
    // The start of the click: the first sample of at least half its amplitude around the flash.
    let sample = Math.max(0, Math.round((seconds - 0.2) * 48_000));
    while (loudness(sample) < 0.35) sample++;
    return sample / 48_000 - seconds;
  });
  expect(Math.max(...offsets.map(Math.abs))).toBeLessThan(0.01);
});
