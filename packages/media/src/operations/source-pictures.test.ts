import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import type { Picture } from "../frames/picture.js";
import type { Probe } from "../probe/parse.js";
import { probe } from "../probe/probe.js";
import { NEEDS_REAL_MEDIA } from "../testing/index.js";
import { REAL_MEDIA } from "../testing/real-media.js";
import { sizeInWidth } from "./checked-size.js";
import { requirePicture, sourcePictureAt, sourcePicturesAtIntervals } from "./source-pictures.js";

const signal = new AbortController().signal;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-source-pictures-"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

async function make(name: string, lavfi: string[], options: string[]): Promise<string> {
  const inputs = lavfi.map((graph) => ({ lavfi: graph }));
  await runFfmpeg({
    inputs,
    outputs: [{ file: at(name), options }],
    signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 28,
  });
  return at(name);
}

/**
 * Grey pictures with their number encoded as brightness, 4 levels apart; the upper half differs, so that rotation is
 * visible.
 */
const numbered = (frames: number, rate: number, size = "64x48") =>
  `color=gray:size=${size}:rate=${rate},format=yuv420p,geq=lum='16+N*4':cb=128:cr=if(lt(Y\\,H/4)\\,200\\,128),trim=end_frame=${frames},setparams=colorspace=bt709:range=tv`;
const H264 = ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-g", "12", "-colorspace", "bt709"];

const probes = new Map<string, Probe>();
async function probed(path: string): Promise<Probe> {
  const found = probes.get(path) ?? (await probe(path, { signal }));
  probes.set(path, found);
  return found;
}

async function pictureAt(path: string, seconds: number, width = 0): Promise<Picture> {
  const file = { path, probe: await probed(path) };
  const size = sizeInWidth(width, requirePicture(file.probe));
  return sourcePictureAt(file, seconds, size, { signal, tempDir: folder });
}

const pixel = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];
const numberOn = (picture: Picture) =>
  Math.round(((pixel(picture, picture.width >> 1, Math.floor(picture.height * 0.75))[0] ?? 0) * 219) / 255 / 4);

describe.each([
  ["MP4", "n.mp4", []],
  ["MKV", "n.mkv", []],
  ["MPEG-TS", "n.ts", []],
  ["AVI", "n.avi", ["-c:v", "mpeg4", "-q:v", "1", "-bf", "0"]],
])("of %s", (_container, name, options) => {
  test("returns the picture on screen at the time", async () => {
    const path = await make(name, [numbered(50, 25)], [...H264, ...options]);
    const times = [0, 0.0392, 0.04, 0.5, 1.1992, 1.2, 1.96, 1.999, 2, 77];
    const numbers: number[] = [];
    for (const seconds of times) numbers.push(numberOn(await pictureAt(path, seconds)));
    expect(numbers).toEqual([0, 1, 1, 12, 30, 30, 49, 49, 49, 49]);
  });
});

test("also finds pictures late in MPEG-TS", async () => {
  const film = numbered(400, 10, "32x32").replace("N*4", "mod(N\\,50)*4");
  const path = await make("long.ts", [film], H264);
  const numbers: number[] = [];
  for (const seconds of [20, 23.3, 39.9, 40]) numbers.push(numberOn(await pictureAt(path, seconds)));
  expect(numbers).toEqual([0, 33, 49, 49]);
});

test("with varying durations, returns the picture that is on screen", async () => {
  // Frames at 0, 0.1, 0.4, 0.9, 1.6 ... s.
  const path = await make(
    "vfr.mp4",
    [`${numbered(6, 10)},settb=1/1000,setpts=100*N*N`],
    [...H264, "-fps_mode", "vfr", "-enc_time_base", "1:1000"],
  );
  const numbers: number[] = [];
  for (const seconds of [0.05, 0.1, 0.39, 0.4, 0.85, 1.5, 1.6, 2.4, 2.5, 9])
    numbers.push(numberOn(await pictureAt(path, seconds)));
  expect(numbers).toEqual([0, 1, 1, 2, 2, 3, 4, 4, 5, 5]);
});

test.each(["one.mp4", "one.mkv", "one.ts"])("returns the only frame of %s", async (name) => {
  const path = await make(name, [numbered(1, 25)], H264);
  for (const seconds of [0, 0.5, 10]) expect(await pictureAt(path, seconds)).toMatchObject({ width: 64, height: 48 });
});

test("rotates pictures and makes pixels square", async () => {
  const plain = await make("plain.mp4", [numbered(5, 25)], [...H264, "-vf", "setsar=2/1"]);
  await runFfmpeg({
    inputs: [{ file: plain, options: ["-display_rotation", "90"] }],
    outputs: [{ file: at("turned.mp4"), options: ["-c", "copy", "-metadata:s:v", "rotate=90"] }],
    ...{ signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 },
  }).catch(() => rotateByTag(plain));
  const turned = await pictureAt(at("turned.mp4"), 0.08);
  expect(turned).toMatchObject({ width: 48, height: 128 });
  const reddish = [2, 24, 45].map((x) => (pixel(turned, x, 64)[0] ?? 0) - (pixel(turned, x, 64)[2] ?? 0) > 60);
  expect(reddish.filter(Boolean)).toHaveLength(1);
  expect(reddish[1]).toBe(false); // At a side, no longer at the top.
});

/** ffmpeg 5 has no -display_rotation, but accepts the tag. */
const rotateByTag = (plain: string) =>
  runFfmpeg({
    inputs: [{ file: plain }],
    outputs: [{ file: at("turned.mp4"), options: ["-c", "copy", "-metadata:s:v", "rotate=90"] }],
    ...{ signal, deadlineSeconds: 60, maxOutputBytes: 1 << 26 },
  });

test("reads pictures of odd sizes completely, in any width", async () => {
  const path = await make("odd.mkv", [numbered(3, 25, "65x47").replace("420p", "444p")], ["-c:v", "ffv1"]);
  expect(await pictureAt(path, 0)).toMatchObject({ width: 65, height: 47 });
  const narrow = await pictureAt(path, 0.08, 7);
  expect(narrow).toMatchObject({ width: 7, height: 5 });
  expect(numberOn(narrow)).toBe(2);
});

test("returns a still for any time, with its transparency and full chroma", async () => {
  const colours =
    "color=red@0.5:size=40x20,format=rgba,geq=r='255*mod(X,2)':g=0:b='255*mod(X+1,2)':a='if(lt(Y,10),255,0)'";
  const path = await make("still.png", [colours], ["-frames:v", "1"]);
  for (const seconds of [0, 100]) {
    const still = await pictureAt(path, seconds);
    expect(pixel(still, 5, 15)[3]).toBe(0);
    for (const [x, expected] of [
      [10, [0, 0, 255, 255]],
      [11, [255, 0, 0, 255]],
    ] as const) {
      for (const [i, value] of pixel(still, x, 5).entries())
        expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(6);
    }
  }
});

test("tone-maps HDR like clips", async () => {
  const options = ["-c:v", "libx265", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le"];
  const tags = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];
  // White of 203 cd/m2 is code 0.58 of PQ, which is grey if interpreted as gamma.
  const grey =
    "color=gray:size=64x64:rate=25,format=yuv420p10le,geq=lum=573:cb=512:cr=512,trim=end_frame=3,setparams=range=tv:color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc";
  const path = await make("hdr.mp4", [grey], [...options, ...tags]);
  const [red = 0, green = 0, blue = 0] = pixel(await pictureAt(path, 0.04), 30, 30);
  expect(Math.min(red, green, blue)).toBeGreaterThan(180);
  expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(6);
});

test("keeps the shape of a picture that changes midway", async () => {
  const first = await make("a.ts", [numbered(25, 25, "64x32")], H264);
  const second = await make(
    "b.ts",
    [`${numbered(25, 25, "32x64")},setpts=PTS+1/TB`],
    [...H264, "-copyts", "-muxdelay", "0"],
  );
  await writeFile(at("changing.ts"), Buffer.concat([await readFile(first), await readFile(second)]));
  const tall = await pictureAt(at("changing.ts"), 1.5);
  expect(tall).toMatchObject({ width: 64, height: 32 });
  // 16x32 in the middle, black at the sides.
  expect([2, 60].map((x) => pixel(tall, x, 24)[0])).toEqual([0, 0]);
  expect(pixel(tall, 32, 24)[0]).toBeGreaterThan(30);
});

test("reports audio without pictures, and damaged files", async () => {
  const sound = await make("sound.wav", ["sine=d=1"], []);
  await expect(pictureAt(sound, 0)).rejects.toMatchObject({
    code: "invalid",
    message: "The file has sound but no picture.",
  });
  const file = { path: at("n.mp4"), probe: await probe(at("n.mp4"), { signal }) };
  const size = { width: 8, height: 8 };
  const stopped = sourcePictureAt(file, 0, size, { signal: AbortSignal.abort(), tempDir: folder });
  await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
  const gone = sourcePictureAt({ ...file, path: sound }, 0, size, { signal, tempDir: folder });
  await expect(gone).rejects.toMatchObject({ code: "invalid" });
  expect((await readdir(folder)).filter((name) => name.startsWith("pictures-"))).toEqual([]);
});

describe("pictures at equal distances", () => {
  const apart = async (path: string, count: number) => {
    const file = { path, probe: await probe(path, { signal }) };
    return sourcePicturesAtIntervals(file, count, { width: 64, height: 48 }, { signal, tempDir: folder });
  };

  test("are taken from the middle of their intervals", async () => {
    expect((await apart(at("n.mp4"), 5)).map(numberOn)).toEqual([5, 15, 25, 35, 45]);
    expect((await apart(at("n.ts"), 4)).map(numberOn)).toEqual([6, 18, 31, 43]);
    expect((await apart(at("vfr.mp4"), 3)).map(numberOn)).toEqual([2, 3, 4]);
  });

  test("of a long film are seeked individually", async () => {
    const path = await make("film.mp4", [numbered(60, 0.25)], H264);
    expect((await apart(path, 4)).map(numberOn)).toEqual([7, 22, 37, 52]);
  });

  test("are repeated if there are fewer frames", async () => {
    expect((await apart(at("one.mp4"), 4)).map(numberOn)).toEqual([0, 0, 0, 0]);
  });
});

test("real recordings match ffmpeg's own accurate seek", NEEDS_REAL_MEDIA, async () => {
  for (const [name, seconds] of [
    ["flower.mp4", 3.21],
    ["flower.webm", 2.5],
    ["friday.mp4", 4.04],
    ["tears-of-steel.webm", 6.0],
  ] as const) {
    const path = join(REAL_MEDIA ?? "", name);
    const ours = await pictureAt(path, seconds, 160);
    const chunks: Buffer[] = [];
    await runFfmpeg({
      inputs: [{ file: path }],
      filterComplex: `[0:v:0]setpts=PTS-STARTPTS,select='lte(t,${seconds + 0.001})',scale=${ours.width}:${ours.height}:flags=bicubic+accurate_rnd:in_color_matrix=bt709[out]`,
      outputs: [
        { stdout: true, options: ["-map", "[out]", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgba"] },
      ],
      onStdout: (chunk) => {
        chunks.push(chunk);
      },
      ...{ signal, deadlineSeconds: 120, maxOutputBytes: 1 << 30 },
    });
    const all = Buffer.concat(chunks);
    const [last, before] = [1, 2].map((n) =>
      all.subarray(all.length - n * ours.data.length).subarray(0, ours.data.length),
    );
    const off = [last, before].map((other) =>
      ours.data.reduce((sum, value, i) => sum + Math.abs(value - (other?.[i] ?? 0)), 0),
    );
    expect((off[0] ?? 0) / ours.data.length).toBeLessThan(12);
    expect(off[0]).toBeLessThanOrEqual(off[1] ?? 0);
  }
});
