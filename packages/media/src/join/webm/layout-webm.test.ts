import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { ClipIndexSchema, SoundIndexSchema } from "@polyreel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHROMIUM, playThrough } from "../../testing/play-in-chromium.js";
import type { Layout } from "../layout.js";
import { readLayout } from "../read.js";
import { layOutWebm } from "./layout-webm.js";

const run = promisify(execFile);
const picture = { width: 160, height: 96, timescale: 30_000, sampleDuration: 1000 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "webm-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ffmpeg = async (...args: string[]) => {
  const { stdout, stderr } = await run("ffmpeg", ["-v", "warning", "-y", ...args]);
  expect(stderr).toBe("");
  return stdout;
};

/** Encodes once into the packets back to back, and their list. */
async function encode(name: string, source: string, options: string[]) {
  const [payload, list] = [join(folder, name), join(folder, `${name}.txt`)];
  const tee = `[f=data]${payload}|[f=framecrc]${list}`;
  await ffmpeg("-f", "lavfi", "-i", source, ...options, "-map", "0", "-f", "tee", tee);
  const lines = (await readFile(list, "utf8")).split("\n").filter((line) => /^\d/.test(line));
  const packets = lines.map((line) => ({ size: Number(line.split(",")[4]), key: !line.includes("F=0x0") }));
  const keyFrames = packets.flatMap(({ key }, number) => (key ? [number] : []));
  return { hash: name, sizes: packets.map(({ size }) => size), keyFrames, payload: await readFile(payload) };
}

const vp9 = ["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-b:v", "200k", "-cpu-used", "8", "-auto-alt-ref", "1"];
const frameHashes = async (file: string) =>
  (await ffmpeg("-i", file, "-map", "0:v", "-f", "framemd5", "-"))
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(",").at(-1)?.trim());

/** Three clips, so often, with a tone. */
async function joinOf(repeats: number) {
  const kinds = await Promise.all(
    [7, 31, 45].map((frames, number) =>
      encode(`clip${number}`, `testsrc2=s=160x96:r=30:d=${frames / 30},hue=h=${number * 90}`, vp9),
    ),
  );
  const parts = kinds.map(({ hash, sizes, keyFrames }) => ({
    hash,
    index: create(ClipIndexSchema, { ...picture, sizes, keyFrames }),
  }));
  const clips = Array.from({ length: repeats }, () => parts).flat();
  const frames = clips.reduce((sum, { index }) => sum + index.sizes.length, 0);
  const samples = frames * 1600;
  const opus = await encode("sound", `sine=r=48000:d=${frames / 30}`, ["-c:a", "libopus", "-b:a", "96k", "-ac", "2"]);
  const head = Buffer.from("OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0", "latin1");
  const described = { sampleRate: 48_000, channels: 2, delay: 312, samples: BigInt(samples), decoderConfig: head };
  const sound = { hash: opus.hash, index: create(SoundIndexSchema, { ...described, sizes: opus.sizes }) };
  const payloads = new Map([...kinds, opus].map(({ hash, payload }) => [hash, payload] as const));
  const reader = {
    read: async (_: string, hash: string, start: number, end: number) =>
      payloads.get(hash)?.subarray(start, end) ?? Buffer.alloc(0),
    readObject: async () => undefined,
  };
  const read = async (layout: Layout, start = 0, end = layout.sizeBytes) => {
    const chunks: Buffer[] = [];
    for await (const chunk of readLayout(layout, reader, start, end)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const write = async (name: string, layout: Layout) => {
    await writeFile(join(folder, name), await read(layout));
    return join(folder, name);
  };

  const layout = layOutWebm(clips, sound);
  return { layout, joined: await write("joined.webm", layout), parts, frames, samples, read, write };
}

test("joins 21 clips to a WebM that decodes to the frames of each, with sound of the same length", async () => {
  const { layout, joined, parts, frames, samples, read, write } = await joinOf(7);
  const bytes = await read(layout);
  expect(bytes).toHaveLength(layout.sizeBytes);
  expect(await read(layout, 30_000, 30_100)).toEqual(bytes.subarray(30_000, 30_100));
  const each: Awaited<ReturnType<typeof frameHashes>>[] = [];
  for (const part of parts) each.push(await frameHashes(await write(`${part.hash}.webm`, layOutWebm([part]))));
  expect(each.flat()).toHaveLength(7 + 31 + 45);
  expect(await frameHashes(joined)).toEqual(Array.from({ length: 7 }, () => each.flat()).flat());
  await ffmpeg("-i", joined, "-map", "0:a", "-f", "s16le", "-y", join(folder, "pcm"));
  expect((await readFile(join(folder, "pcm"))).length / 4).toBe(samples);
  const probe = await run("ffprobe", ["-v", "warning", "-show_entries", "format=duration", "-of", "csv=p=0", joined]);
  expect(probe.stderr).toBe("");
  expect(Number(probe.stdout)).toBeCloseTo(frames / 30, 2);
}, 120_000);

test("Chromium plays it through with every frame once", async ({ skip }) => {
  skip(!CHROMIUM, "needs Chromium");
  const { joined, frames } = await joinOf(1);
  expect(await playThrough(joined, frames)).toEqual({
    error: "",
    durationSeconds: expect.closeTo(frames / 30, 2),
    endedAtSeconds: expect.closeTo(frames / 30, 2),
    // Times are whole milliseconds.
    frameTimes: Array.from({ length: frames }, (_, i) => expect.closeTo(i / 30, 2)),
    inOrder: true,
    stalls: 0,
  });
}, 300_000);
