import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProfile, COLORANTS, CURVES, pngWith } from "../colour/testing/build-profile.js";
import { probe } from "../probe/probe.js";
import { type Bench, type Encoded, openBench } from "./testing/bench.js";
import { pixel } from "./testing/decode-clip.js";
import { toVideoColour } from "./video-colour.js";

const run = promisify(execFile);
const { signal } = new AbortController();
const encoder = await run("heif-enc", ["--list-encoders"]).then(
  ({ stdout }) => /x265[\s\S]*aom|aom[\s\S]*x265/.test(stdout),
  () => false,
);

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("HEIC, AVIF and WebP stills", needs(encoder, "needs heif-enc with encoders for HEIC and AVIF"), () => {
  const colours = (...hex: string[]) => hex.map((colour) => Object.values(toVideoColour(colour)));

  /** Sample points of the left and right (or, turned, upper and lower) halves in a clip of 96x160. */
  function parts({ pictures: [picture] }: Encoded, points: readonly (readonly [number, number])[]) {
    if (!picture) throw new Error("there is no picture");
    return points.map(([x, y]) => pixel(picture, x, y));
  }

  function expectNear(found: number[][], expected: number[][]) {
    const off = found.flatMap((values, i) => values.map((value, at) => Math.abs(value - (expected[i]?.[at] ?? 999))));
    expect(Math.max(...off), JSON.stringify(found)).toBeLessThanOrEqual(4);
  }

  async function heif(name: string, png: string, ...options: string[]): Promise<string> {
    await run("heif-enc", [...options, "-q", "95", "-p", "chroma=444", png, "-o", bench.at(name)]);
    return bench.at(name);
  }

  const halves = "color=0x20a030:size=96x160,format=rgba,drawbox=x=48:color=0xc81e28:t=fill";
  const LEFT_RIGHT = [
    [20, 80],
    [76, 80],
  ] as const;

  it.each(["heic", "avif"])("encodes %s in its colours", async (kind) => {
    const png = await bench.source("halves.png", halves, ["-frames:v", "1"]);
    const path = await heif(`halves.${kind}`, png);
    expect((await probe(path, { signal })).video).toMatchObject({ still: true, width: 96, height: 160 });
    const shown = await bench.clip(path, { still: true, frames: 3 });
    expect(shown.pictures.length).toBe(3);
    expectNear(parts(shown, LEFT_RIGHT), colours("#20a030", "#c81e28"));
  });

  it.each(["heic", "avif"])("converts %s by its profile", async (kind) => {
    const png = await bench.source("p3.png", "color=0x4d9e41:size=96x160,format=rgb24", ["-frames:v", "1"]);
    const profile = buildProfile(COLORANTS.displayP3, CURVES.srgb);
    await writeFile(png, checked(pngWith(await readFile(png), profile)));
    const shown = await bench.clip(await heif(`p3.${kind}`, png), { still: true, frames: 1 });
    expectNear(parts(shown, [[48, 80]]), colours("#20a030"));
  });

  it.each(["heic", "avif"])("keeps the transparency of %s, also as a background", async (kind) => {
    const half = "color=white@0.5:size=96x160,format=rgba";
    const png = await bench.source("half.png", half, ["-frames:v", "1"]);
    const path = await heif(`half.${kind}`, png);
    const shown = await bench.clip(path, { still: true, frames: 1, background: "#000000" });
    expectNear(parts(shown, [[48, 80]]), [[126, 128, 128]]);
    const small = await bench.source("small.png", "color=0x20a030:size=96x60,format=rgb24", ["-frames:v", "1"]);
    const over = await bench.clip(small, { still: true, frames: 1 }, { backgroundPath: path });
    expectNear(
      parts(over, [
        [48, 80],
        [48, 10],
      ]),
      [...colours("#20a030"), [126, 128, 128]],
    );
  });

  it("reports truncated ones and leaves nothing behind", async () => {
    const png = await bench.source("halves.png", halves, ["-frames:v", "1"]);
    const path = await heif("whole.heic", png);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    await expect(bench.clip(path, { still: true })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/^The HEIC picture cannot be decoded/),
      failure: { remedy: expect.stringMatching(/JPEG or PNG/) },
    });
    expect(await bench.leftovers()).toEqual([]);
  });
});

it("plays animated WebP, or names the formats to export", async () => {
  const path = await bench.source("moving.webp", "testsrc2=size=96x160:rate=10:duration=1", [
    ...["-c:v", "libwebp_anim", "-loop", "0"],
  ]);
  const shown = await bench.clip(path, { frames: 20 }).catch((error: unknown) => error);
  if (shown instanceof Error) {
    expect(shown).toMatchObject({
      code: "invalid",
      message: "The file is an animated WebP, which this ffmpeg cannot decode.",
      failure: { remedy: expect.stringMatching(/GIF or MP4/) },
    });
  } else {
    expect((shown as Encoded).pictures.length).toBe(20);
  }
});

/** heif-enc reads a profile only if its checksum is correct. */
function checked(png: Buffer): Buffer {
  const at = png.indexOf("iCCP");
  const end = at + 4 + png.readUInt32BE(at - 4);
  png.writeUInt32BE(crc32(png.subarray(at, end)), end);
  return png;
}
