import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { PictureFormat, PicturePlanSchema, ThumbnailSchema } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { probe } from "../probe/probe.js";
import { candidateFrames } from "./candidate-times.js";
import { combinationPicture, type DecodeFrames } from "./combination-picture.js";
import { sourceThumbnail } from "./source-picture.js";
import { bestSourcePicture, sourcePictureAt } from "./source-pictures.js";

const signal = new AbortController().signal;
const SIZE = { width: 160, height: 90 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-best-picture-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Stretches that are unfit, and one from 6 s to 8 s that is not: it alone shows a test picture without a blur. */
const FILM = [
  "color=black:size=160x90:rate=25:d=2",
  "testsrc2=size=160x90:rate=25:d=2,fade=in:d=2",
  "testsrc2=size=160x90:rate=25:d=2,boxblur=8",
  "testsrc2=size=160x90:rate=25:d=2",
  "testsrc2=size=160x90:rate=25:d=2,fade=out:d=2",
  "color=white:size=160x90:rate=25:d=2",
];

async function film(name: string, stretches = FILM) {
  const path = join(folder, name);
  const pads = stretches.map((_, i) => `[${i}:v]`).join("");
  await runFfmpeg({
    inputs: stretches.map((lavfi) => ({ lavfi })),
    filterComplex: `${pads}concat=n=${stretches.length}[out]`,
    outputs: [{ file: path, options: ["-map", "[out]", "-c:v", "libx264", "-g", "50", "-pix_fmt", "yuv420p"] }],
    ...{ signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 },
  });
  return { path, probe: await probe(path, { signal }) };
}

const work = () => ({ signal, tempDir: folder });

/** Time of the frame of a film that a picture is, of those from 0.5 s on in steps of a second. */
async function timeOf(source: Awaited<ReturnType<typeof film>>, shown: Buffer): Promise<number> {
  const seconds = Array.from({ length: 12 }, (_, i) => i + 0.5);
  for (const at of seconds) {
    if ((await sourcePictureAt(source, at, SIZE, work())).data.equals(shown)) return at;
  }
  return -1;
}

it.each(["film.mp4", "film.ts"])("chooses a sharp frame, not one in a fade, black or white, in %s", async (name) => {
  const source = await film(name);
  const best = () => bestSourcePicture(source, { startSeconds: 0, endSeconds: 12 }, SIZE, work());
  const { data } = await best();
  expect([6.5, 7.5]).toContain(await timeOf(source, data));
  expect((await best()).data).toEqual(data);
});

it("chooses the same from afar, where each candidate is seeked", async () => {
  const long = FILM.map((stretch) => stretch.replaceAll("d=2", "d=12").replaceAll("rate=25", "rate=10"));
  const source = await film("long.mp4", long);
  const { data } = await bestSourcePicture(source, { startSeconds: 0, endSeconds: 72 }, SIZE, work());
  const candidates = await Promise.all([39, 45].map((at) => sourcePictureAt(source, at, SIZE, work())));
  expect(candidates.some((one) => one.data.equals(data))).toBe(true);
});

it("makes the best of a share a file, and of a black film a black one", async () => {
  const thumbnail = create(ThumbnailSchema, { best: true, count: 6, number: 1, width: 80, format: PictureFormat.PNG });
  const made = await sourceThumbnail(await film("film.mp4"), thumbnail, work());
  expect(made).toMatchObject({ width: 80, height: 45, frames: 1 });
});

it("chooses among frames of joined clips", async () => {
  const source = await film("film.mp4");
  const format = { rateNumerator: 25, rateDenominator: 1 };
  const frames = candidateFrames({ startSeconds: 0, endSeconds: 12 }, 300, format);
  const asked: string[] = [];
  const decode: DecodeFrames = async ({ hash }, shown, width) => {
    asked.push(`${hash}: ${shown.length} of ${width}`);
    const first = hash === "a" ? 0 : 150;
    const size = { width, height: Math.round((width * 9) / 16) };
    const pictures = [];
    for (const frame of shown) pictures.push(await sourcePictureAt(source, (first + frame) / 25, size, work()));
    return pictures;
  };
  const clip = (hash: string) => ({ hash, index: { ...SIZE, sizes: Array.from({ length: 150 }) } }) as never;
  const plan = create(PicturePlanSchema, { frames, columns: 1, best: true, frameWidth: 160 });
  const made = await combinationPicture([clip("a"), clip("b")], plan, decode);
  expect(made).toMatchObject({ width: 160, height: 90, frames: 1 });
  expect(asked).toEqual(["a: 12 of 256", "b: 12 of 256", "b: 1 of 160"]);
});
