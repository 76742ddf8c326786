import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { brightness, levelDb } from "@polyreel/media/testing";
import type { PartStore } from "@polyreel/parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { footage, still, video } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { put } from "../testing/media.js";
import { partsOf } from "../testing/parts.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type RenderedBatch, render } from "../testing/render.js";
import { checkOutput } from "./check-output.js";
import { mono } from "./mono.js";
import { coloursAt, quarters } from "./quarters.js";

const CANVAS = { width: 120, height: 160, background: "#808080" };
const TONE = "sine=f=440:r=48000:d=1";

interface OddSource {
  /** A lavfi picture of four quarters, and how it is encoded. */
  readonly picture: string;
  readonly options?: readonly string[];
  /** Displayed with a clockwise rotation. */
  readonly turned?: 90 | 180;
  /** Its tone, and how that is encoded. */
  readonly tone?: { readonly lavfi?: string; readonly options: readonly string[] };
  readonly still?: boolean;
  /** 30 by default. */
  readonly frames?: number;
  /** Its displayed shape, and the colours of its quarters from the upper left to the lower right. */
  readonly shape: readonly [number, number];
  readonly colours?: readonly string[];
}

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const TRANSPARENT = `${quarters("64x48")},colorkey=white:0.3:0`;
const SHOWING_THROUGH = ["red", "green", "blue", "grey"];

const SOURCES: Record<string, OddSource> = {
  "turned.mp4": {
    picture: quarters("160x90"),
    options: H264,
    turned: 90,
    shape: [90, 160],
    colours: ["blue", "red", "white", "green"],
  },
  "upside-down.mov": {
    picture: quarters("160x90"),
    options: H264,
    turned: 180,
    shape: [160, 90],
    colours: ["white", "blue", "green", "red"],
  },
  "odd.webm": { picture: quarters("321x241"), options: ["-c:v", "libvpx", "-pix_fmt", "yuv420p"], shape: [321, 241] },
  "odd.mkv": { picture: quarters("77x141"), options: ["-c:v", "ffv1", "-pix_fmt", "yuv444p"], shape: [77, 141] },
  "odd.png": { picture: quarters("33x77"), options: ["-frames:v", "1"], still: true, shape: [33, 77] },
  "tiny.mp4": { picture: quarters("16x16"), options: H264, shape: [1, 1] },
  "tiny.png": { picture: quarters("4x2"), options: ["-frames:v", "1"], still: true, shape: [2, 1] },
  "wide.mp4": { picture: quarters("640x64"), options: H264, shape: [10, 1] },
  "anamorphic.mp4": { picture: `${quarters("90x96")},setsar=2`, options: H264, shape: [180, 96] },
  "dvd.mkv": { picture: `${quarters("352x288")},setdar=16/9`, options: ["-c:v", "mpeg2video"], shape: [16, 9] },
  "ten-bit.mp4": { picture: quarters("64x48"), options: ["-c:v", "libx265", "-pix_fmt", "yuv420p10le"], shape: [4, 3] },
  "ten-bit.webm": {
    picture: quarters("64x48"),
    options: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-pix_fmt", "yuv420p10le"],
    shape: [4, 3],
  },
  "prores.mov": {
    picture: TRANSPARENT,
    options: ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"],
    shape: [4, 3],
    colours: SHOWING_THROUGH,
  },
  "transparent.png": {
    picture: TRANSPARENT,
    options: ["-frames:v", "1"],
    still: true,
    shape: [4, 3],
    colours: SHOWING_THROUGH,
  },
  "transparent-vp8.webm": {
    picture: TRANSPARENT,
    options: ["-c:v", "libvpx", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0"],
    shape: [4, 3],
    colours: SHOWING_THROUGH,
  },
  "transparent-vp9.webm": {
    picture: TRANSPARENT,
    options: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-pix_fmt", "yuva420p"],
    shape: [4, 3],
    colours: SHOWING_THROUGH,
  },
  "moving.gif": { picture: `${quarters("64x48")},fps=10`, shape: [4, 3] },
  "uneven.mp4": {
    // 60 frames a second, then fewer than 9; the last one ends at 0.95 s.
    frames: 29,
    picture: `${quarters("64x48").replace("r=30", "r=60")},select='if(lt(t,0.5),1,not(mod(n,7)))'`,
    options: ["-fps_mode", "vfr", ...H264],
    shape: [4, 3],
  },
  "mono.mp4": {
    picture: quarters("64x48"),
    options: H264,
    tone: { options: ["-c:a", "aac", "-ac", "1"] },
    shape: [4, 3],
  },
  "44100.mkv": {
    picture: quarters("64x48"),
    options: H264,
    tone: { options: ["-c:a", "libmp3lame", "-ar", "44100", "-ac", "2"] },
    shape: [4, 3],
  },
  "surround.mp4": {
    // In a surround channel only.
    picture: quarters("64x48"),
    options: H264,
    tone: { lavfi: `${TONE},pan=5.1|c4=c0|c5=c0`, options: ["-c:a", "aac"] },
    shape: [4, 3],
  },
  "surround.mkv": {
    picture: quarters("64x48"),
    options: H264,
    tone: { lavfi: `${TONE},pan=5.1|c2=c0`, options: ["-c:a", "ac3"] },
    shape: [4, 3],
  },
  "low.mp4": {
    picture: quarters("64x48"),
    options: H264,
    tone: { options: ["-c:a", "aac", "-ar", "8000", "-ac", "1"] },
    shape: [4, 3],
  },
  "high.mov": {
    picture: quarters("64x48"),
    options: H264,
    tone: { options: ["-c:a", "pcm_s24le", "-ar", "96000"] },
    shape: [4, 3],
  },
};

const bounds = { signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 };

/**
 * Sets the rotation of an MP4 file's first track, like phones do: in the matrix of its tkhd box (ISO/IEC 14496-12,
 * 8.3.2). ffmpeg's options for that differ between versions.
 */
function turnPicture(file: Buffer, turned: 90 | 180): Buffer {
  const matrix = file.indexOf("tkhd") + 4 + 40;
  const [width, height] = [file.readUInt32BE(matrix + 36), file.readUInt32BE(matrix + 40)];
  const one = 1 << 16;
  const values = turned === 90 ? [0, one, 0, -one, 0, 0, height, 0] : [-one, 0, 0, 0, -one, 0, width, height];
  for (const [i, value] of values.entries()) file.writeInt32BE(value, matrix + 4 * i);
  return file;
}

describe("odd sources", () => {
  let pipeline: Pipeline;
  let parts: PartStore;
  let batch: RenderedBatch;
  beforeAll(async () => {
    pipeline = await startPipeline();
    parts = await partsOf(pipeline);
    const choices = [];
    for (const [name, source] of Object.entries(SOURCES)) {
      const sha256 = await put(pipeline, await make(name, source));
      choices.push(source.still ? { ...still(name, sha256), duration: durationOf(1) } : footage(name, sha256));
    }
    batch = await render(pipeline, { canvas: CANVAS, blocks: [video("film", { choices })] });
  });
  afterAll(() => pipeline?.close());

  async function make(name: string, { picture, options = [], turned, tone }: OddSource): Promise<string> {
    const path = join(pipeline.folder, name);
    await runFfmpeg({
      ...bounds,
      inputs: [{ lavfi: picture }, ...(tone ? [{ lavfi: tone.lavfi ?? TONE }] : [])],
      outputs: [{ file: path, options: [...options, ...(tone?.options ?? [])] }],
    });
    if (turned) await writeFile(path, turnPicture(await readFile(path), turned));
    return path;
  }

  test.each(Object.keys(SOURCES))("%s", async (name) => {
    expect(batch.failures.map(({ choices, failure }) => [choices[0]?.choice, failure?.reason])).toEqual([]);
    const { shape, tone, frames = 30, colours = ["red", "green", "blue", "white"] } = SOURCES[name] as OddSource;
    const output = batch.outputs.find(({ choices }) => choices.film === name);
    if (!output) throw new Error("It was not delivered.");
    const mix = await checkOutput(output, parts);
    expect(output.clips.map(({ recipe }) => recipe.frames)).toEqual([frames]);

    const scale = Math.min(CANVAS.width / shape[0], CANVAS.height / shape[1]);
    const [width, height] = [shape[0] * scale, shape[1] * scale];
    const across = [(CANVAS.width - width / 2) / 2, (CANVAS.width + width / 2) / 2];
    const down = [(CANVAS.height - height / 2) / 2, (CANVAS.height + height / 2) / 2];
    const points = down.flatMap((y) => across.map((x) => [Math.floor(x), Math.floor(y)] as const));
    const bars: (readonly [number, number])[] = [];
    if (CANVAS.height - height > 8)
      bars.push([60, Math.floor((CANVAS.height - height) / 2) - 3], [60, CANVAS.height - 1]);
    if (CANVAS.width - width > 8) bars.push([Math.floor((CANVAS.width - width) / 2) - 3, 80], [CANVAS.width - 1, 80]);
    const seen = await coloursAt(output.path, CANVAS, [...points, ...bars]);
    const grey = bars.map(() => "grey");
    expect([seen.at(0), seen.at(-1)]).toEqual([
      [...colours, ...grey],
      [...colours, ...grey],
    ]);
    expect(mix !== undefined).toBe(tone !== undefined);
    if (!mix) return;
    expect(Math.abs((output.certificate.loudnessLufs ?? 0) + 16)).toBeLessThan(1);
    expect(Math.abs(hertzOf(mix, 0.2, 0.8) - 440)).toBeLessThan(4);
  });

  test("footage whose sound ends before its picture, twice", async () => {
    const path = join(pipeline.folder, "half-silent.mp4");
    await runFfmpeg({
      ...bounds,
      inputs: [{ lavfi: `${quarters("64x48")},loop=1:30` }, { lavfi: TONE }],
      outputs: [{ file: path, options: H264 }],
    });
    const choices = [footage("half", await put(pipeline, path))];
    const { outputs } = await render(pipeline, {
      canvas: CANVAS,
      blocks: [video("first", { choices }), video("second", { choices })],
    });
    const [output] = outputs;
    if (!output) throw new Error("It was not delivered.");
    const mix = (await checkOutput(output, parts)) as Float32Array;
    const seconds = output.certificate.videoSeconds / 2;
    expect(seconds).toBeGreaterThan(1.9);
    for (const start of [0, seconds]) {
      expect(levelDb(mix, start + 0.05, start + 0.95)).toBeGreaterThan(-25);
      expect(levelDb(mix, start + 1.1, start + seconds - 0.05)).toBeLessThan(-75);
    }
  });

  test("the end of a long film", async () => {
    // Black, with a low tone; in its last two seconds white, with a high one.
    const path = join(pipeline.folder, "long.mp4");
    await runFfmpeg({
      ...bounds,
      inputs: [
        { lavfi: "color=black:s=32x32:r=10:d=240,drawbox=c=white:t=fill:enable='gte(t,237.99)'" },
        { lavfi: "aevalsrc='0.2*sin(2*PI*t*if(lt(t,238),220,880))':s=16000:d=240" },
      ],
      outputs: [{ file: path, options: H264 }],
    });
    const choice = footage("long", await put(pipeline, path), { trim: { last: durationOf(3) } });
    const { outputs } = await render(pipeline, { canvas: CANVAS, blocks: [video("film", { choices: [choice] })] });
    const [output] = outputs;
    if (!output) throw new Error("It was not delivered.");
    const mix = (await checkOutput(output, parts)) as Float32Array;
    const levels = await brightness(output.path);
    expect(levels.map((level) => level > 128)).toEqual(levels.map((_, frame) => frame >= 30));
    expect(levels.length).toBe(90);
    expect(Math.abs(hertzOf(mix, 0.89, 0.99) - 220)).toBeLessThan(20);
    expect(Math.abs(hertzOf(mix, 1.01, 1.11) - 880)).toBeLessThan(20);
  });

  /** Frequency of a tone between two times, from its zero crossings. */
  function hertzOf(sound: Float32Array, fromSeconds: number, toSeconds: number): number {
    const values = mono(sound, fromSeconds * 48_000, (toSeconds - fromSeconds) * 48_000);
    const crossings = values.filter((value, i) => i > 0 && value > 0 !== (values[i - 1] as number) > 0);
    return crossings.length / 2 / (toSeconds - fromSeconds);
  }
});
