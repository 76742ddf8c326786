import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type ClipIndex, PictureFormat, type PicturePlan, PicturePlanSchema } from "@polyreel/contract";
import { runFfmpeg, runFfprobe } from "@polyreel/media/ffmpeg";
import { extractFrames } from "@polyreel/media/frames";
import { layOut, writeLayout } from "@polyreel/media/join";
import type { MadePicture } from "@polyreel/media/operations";
import { combinationPicture, type DecodeFrames, frameOnScreen } from "@polyreel/media/operations";
import { type EncodedPart, encodeClip } from "@polyreel/media/testing";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PartStore } from "../part-store.js";

const signal = new AbortController().signal;
const FORMAT = { width: 180, height: 320, rateNumerator: 30_000, rateDenominator: 1001 };
const LENGTHS = [33, 1, 20];
const FRAMES = 54;

let folder: string;
let clips: EncodedPart<ClipIndex>[];
let joined: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-thumbnail-"));
  const parts = new PartStore(await openFolderStore(join(folder, "store")));
  clips = [];
  for (const [i, frames] of LENGTHS.entries()) {
    const source = `${["testsrc2", "rgbtestsrc", "mandelbrot"][i]}=s=180x320:r=30000/1001`;
    const clip = await encodeClip(folder, `clip${i}`, { source, frames, format: FORMAT });
    await parts.put("clip", clip.hash, clip.payload, { kind: { case: "clip", value: clip.index } });
    await writeFile(join(folder, clip.hash), clip.payload);
    clips.push(clip);
  }
  joined = join(folder, "joined.mp4");
  await writeLayout(layOut(clips), parts, joined);
});
afterAll(() => rm(folder, { recursive: true }));

/** Red, green and blue of all pictures of a file, as a player shows them. */
async function pixels(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ file: path }],
    outputs: [
      {
        stdout: true,
        options: [
          ...["-fps_mode", "passthrough", "-sws_flags", "bicubic+accurate_rnd+full_chroma_int"],
          ...["-f", "rawvideo", "-pix_fmt", "rgb24"],
        ],
      },
    ],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 28,
  });
  return Buffer.concat(chunks);
}

/** Written and decoded again. */
async function readBack({ payload }: MadePicture): Promise<Buffer> {
  const path = join(folder, `${Math.random()}.picture`);
  await writeFile(path, payload);
  return pixels(path);
}

/** Mean difference of two pictures, of 255, in every 11th value. */
function difference(one: Buffer, other: Buffer): number {
  expect(one.length).toBe(other.length);
  let sum = 0;
  for (let i = 0; i < one.length; i += 11) sum += Math.abs((one[i] ?? 0) - (other[i] ?? 0));
  return sum / (one.length / 11);
}

const decode: DecodeFrames = ({ hash, index }, frames, width) =>
  extractFrames({ index, path: join(folder, hash) }, frames, { width, signal });

function thumbnailAt(atSeconds: number, settings: Partial<Pick<PicturePlan, "frameWidth" | "format">> = {}) {
  const plan = { frames: [frameOnScreen(atSeconds, FRAMES, FORMAT)], columns: 1, ...settings };
  return combinationPicture(clips, create(PicturePlanSchema, plan), decode);
}

const atFrame = (frame: number) => (frame * 1001) / 30_000;

describe("a thumbnail of a combination", () => {
  test.each([
    ["first", 0, 0],
    ["last of a clip", atFrame(32), 32],
    ["only one of a clip", atFrame(33), 33],
    ["first of the last clip", atFrame(34), 34],
    ["one shortly before the next", atFrame(41) - 0.002, 40],
    ["last", atFrame(53), 53],
    ["last, past the end", 3600, 53],
  ])("is the frame of the joined video: the %s", async (_which, at, frame) => {
    const made = await thumbnailAt(at, { format: PictureFormat.PNG });
    expect(made).toMatchObject({ width: 180, height: 320, frames: 1 });
    const shown = await readBack(made);
    const all = await pixels(joined);
    const bytes = 180 * 320 * 3;
    const nearest = Array.from({ length: FRAMES }, (_, i) =>
      difference(shown, all.subarray(i * bytes, (i + 1) * bytes)),
    );
    expect(nearest[frame]).toBeLessThan(1);
    expect(nearest.indexOf(Math.min(...nearest))).toBe(frame);
  });

  test("is nearly equal in every format", async () => {
    const png = await readBack(await thumbnailAt(0.5, { format: PictureFormat.PNG }));
    for (const format of [PictureFormat.JPEG, PictureFormat.WEBP]) {
      expect(difference(await readBack(await thumbnailAt(0.5, { format })), png)).toBeLessThan(6);
    }
  });

  test("has the requested width, even or odd, and the matching height", async () => {
    for (const [width, height] of [
      [33, 59],
      [1, 2],
      [400, 711],
    ] as const) {
      const made = await thumbnailAt(0, { frameWidth: width, format: PictureFormat.WEBP });
      expect(made).toMatchObject({ width, height });
      const path = join(folder, "sized.webp");
      await writeFile(path, made.payload);
      const shown = ["-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", path];
      expect((await runFfprobe(shown, { signal })).trim()).toBe(`webp,${width},${height}`);
    }
  });

  test("is byte-identical each time", async () => {
    expect((await thumbnailAt(0.2)).payload).toEqual((await thumbnailAt(0.2)).payload);
  });

  test("is rejected before decoding if it would be too high", async () => {
    const narrow = clips.map((clip) => ({ ...clip, index: { ...clip.index, width: 16, height: 4096 } }));
    const plan = create(PicturePlanSchema, { frames: [0], columns: 1, frameWidth: 4096 });
    await expect(combinationPicture(narrow, plan, () => Promise.reject(new Error()))).rejects.toMatchObject({
      code: "invalid",
      failure: { field: "width", remedy: "Use a width of at most 32." },
    });
  });
});
