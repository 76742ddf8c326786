import type { PartStore } from "@polyreel/parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { footage, video } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { put } from "../testing/media.js";
import { partsOf } from "../testing/parts.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type RenderedOutput, render } from "../testing/render.js";
import { checkOutput } from "./check-output.js";
import {
  cutWithoutEncoding,
  type FlashAndClick,
  makeFlashAndClick,
  offsetsIn,
  PERIOD_FRAMES,
} from "./flash-and-click.js";

const FARTHEST_SECONDS = 0.01;
const JOINS = 60;
/** Of half seconds, joined this many times. */
const FLASHES = Array.from({ length: JOINS + 1 }, (_, i) => 5 + i * PERIOD_FRAMES);

/** Films whose video and audio begin at different times, or are stored differently. */
const FILMS: Record<string, FlashAndClick> = {
  "plain.mp4": {},
  "later-sound.mp4": { soundAt: 0.2 },
  "later-picture.mp4": { pictureAt: 8 / 30 },
  "later-sound.mkv": { soundAt: 0.137, codecs: ["-c:v", "libx264", "-c:a", "flac"] },
  // In this file the sound is 7 ms early: ffmpeg shifts the video by Opus's delay.
  "opus.webm": { codecs: ["-c:v", "libvpx", "-c:a", "libopus"] },
  "later-picture.webm": { pictureAt: 0.3, codecs: ["-c:v", "libvpx", "-c:a", "libvorbis", "-ac", "2"] },
  "broadcast.ts": { codecs: ["-c:v", "libx264", "-c:a", "mp2"] },
  "pcm.mov": { codecs: ["-c:v", "mjpeg", "-c:a", "pcm_s16le"] },
  "uneven.mp4": { uneven: true },
  "44100.mp4": { codecs: ["-c:a", "aac", "-ar", "44100", "-ac", "1"] },
};

describe("keeps audio and video in sync", () => {
  let pipeline: Pipeline;
  let parts: PartStore;
  const stored = new Map<string, string>();
  beforeAll(async () => {
    pipeline = await startPipeline();
    parts = await partsOf(pipeline);
    for (const [name, film] of Object.entries(FILMS)) {
      stored.set(name, await put(pipeline, await makeFlashAndClick(pipeline.folder, name, film)));
    }
    const long = await makeFlashAndClick(pipeline.folder, "long.mp4", { seconds: 3 });
    stored.set("cut.mp4", await put(pipeline, await cutWithoutEncoding(pipeline.folder, "cut.mp4", long, 0.7)));
  });
  afterAll(() => pipeline?.close());

  /** Half a second with one flash, 5 frames in. */
  const halfSecond = (name: string, frameSeconds = 1 / 30) => {
    const start = (name === "cut.mp4" ? 9 : PERIOD_FRAMES) * frameSeconds;
    const trim = { start: durationOf(start), duration: durationOf(PERIOD_FRAMES * frameSeconds) };
    return footage(name, stored.get(name) ?? "", { trim });
  };

  /** Checks an output with flashes at these frames; returns the largest offset in seconds. */
  async function farthestOffset(output: RenderedOutput, flashes: number[], rate: [number, number] = [30, 1]) {
    await checkOutput(output, parts);
    const offsets = await offsetsIn(output.path, rate);
    expect(offsets.map(({ frame }) => frame)).toEqual(flashes);
    return Math.max(...offsets.map(({ seconds }) => Math.abs(seconds)));
  }

  test("for any start times in their files", async () => {
    const names = [...stored.keys()];
    const { outputs, failures } = await render(pipeline, {
      blocks: [video("film", { choices: names.map((name) => halfSecond(name)) })],
    });
    expect(failures.map(({ failure }) => failure?.reason)).toEqual([]);
    expect(outputs.map(({ choices }) => choices.film)).toEqual(names);
    for (const output of outputs) expect(await farthestOffset(output, [5])).toBeLessThan(FARTHEST_SECONDS);
  });

  test("in a clip from the second minute of a film", async () => {
    const films = {
      "long.mp4": [],
      "long.webm": ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis", "-ac", "2"],
      "long.ts": ["-c:v", "mpeg2video", "-c:a", "mp2"],
    };
    const choices = [];
    for (const [name, codecs] of Object.entries(films)) {
      const film = { seconds: 62, ...(codecs.length > 0 && { codecs }) };
      const sha256 = await put(pipeline, await makeFlashAndClick(pipeline.folder, name, film));
      choices.push(footage(name, sha256, { trim: { start: durationOf(59.8), duration: durationOf(1) } }));
    }
    const { outputs } = await render(pipeline, { blocks: [video("film", { choices })] });
    expect(outputs.length).toBe(choices.length);
    for (const output of outputs) expect(await farthestOffset(output, [11, 26])).toBeLessThan(FARTHEST_SECONDS);
  });

  test(`after ${JOINS} joins`, async () => {
    const names = [...stored.keys()];
    const { outputs } = await render(pipeline, {
      blocks: Array.from({ length: JOINS + 1 }, (_, i) =>
        video(`v${i}`, { choices: [halfSecond(names[i % names.length] ?? "")] }),
      ),
    });
    expect(outputs.length).toBe(1);
    for (const output of outputs) expect(await farthestOffset(output, FLASHES)).toBeLessThan(FARTHEST_SECONDS);
  });

  test(`after ${JOINS} joins at 29.97 frames a second`, async () => {
    for (const [name, film] of [
      ["ntsc.mp4", { soundAt: 0.2 }],
      ["ntsc.webm", FILMS["later-picture.webm"]],
    ] as const) {
      const path = await makeFlashAndClick(pipeline.folder, name, { ...film, rate: [30_000, 1001] });
      stored.set(name, await put(pipeline, path));
    }
    const { outputs } = await render(pipeline, {
      canvas: { width: 90, height: 160, frameRate: 29.97 },
      blocks: Array.from({ length: JOINS + 1 }, (_, i) =>
        video(`v${i}`, { choices: [halfSecond(i % 2 ? "ntsc.webm" : "ntsc.mp4", 1001 / 30_000)] }),
      ),
    });
    expect(outputs.length).toBe(1);
    const rate: [number, number] = [30_000, 1001];
    for (const output of outputs) expect(await farthestOffset(output, FLASHES, rate)).toBeLessThan(FARTHEST_SECONDS);
  });

  test.each([
    [23.976, 24_000, 1001],
    [25, 25, 1],
    [50, 50, 1],
    [59.94, 60_000, 1001],
    [12.5, 25, 2],
  ])("at %d frames a second", async (frameRate, ...rate) => {
    const name = `${frameRate}.mp4`;
    stored.set(name, await put(pipeline, await makeFlashAndClick(pipeline.folder, name, { rate, seconds: 3 })));
    const { outputs } = await render(pipeline, {
      canvas: { width: 64, height: 64, frameRate },
      blocks: ["one", "two", "three"].map((block) => video(block, { choices: [halfSecond(name, rate[1] / rate[0])] })),
    });
    expect(outputs.length).toBe(1);
    const flashes = FLASHES.slice(0, 3);
    for (const output of outputs) expect(await farthestOffset(output, flashes, rate)).toBeLessThan(FARTHEST_SECONDS);
  });
});
