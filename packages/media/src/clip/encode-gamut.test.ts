import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProfile, COLORANTS, CURVES, jpegWith, pngWith, webpWith } from "../colour/testing/build-profile.js";
import { type Bench, type Encoded, openBench, type RecipeInit } from "./testing/bench.js";
import { pixel } from "./testing/decode-clip.js";
import { toVideoColour } from "./video-colour.js";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** The colour of all patches in this file, in whatever primaries they are stored. */
const PATCH = toVideoColour("#20a030");
/** Rounding of two 8-bit conversions. */
const LEVELS = 3;

function expectPatch({ pictures }: Encoded, levels = LEVELS) {
  const [luma, blue, red] = pictures[0] ? pixel(pictures[0], 48, 80) : [];
  const off = { luma: (luma ?? 0) - PATCH.luma, blue: (blue ?? 0) - PATCH.blue, red: (red ?? 0) - PATCH.red };
  expect(Math.max(...Object.values(off).map(Math.abs)), JSON.stringify(off)).toBeLessThanOrEqual(levels);
}

const size = { width: 96, height: 160 };
const flat = (colour: string) => `color=${colour}:size=96x160:rate=30:duration=1,format=gbrp`;

describe("converts stills by their profile", () => {
  const still: RecipeInit = { still: true, frames: 1 };
  const p3 = buildProfile(COLORANTS.displayP3, CURVES.srgb);
  const asIs = async (name: string, colour: string, options: string[] = []) =>
    readFile(await bench.source(name, flat(colour), ["-frames:v", "1", ...options]));
  const show = async (name: string, bytes: Buffer, recipe: RecipeInit = {}) => {
    await writeFile(bench.at(name), bytes);
    return bench.clip(bench.at(name), { ...still, ...recipe });
  };
  const JPEG = ["-pix_fmt", "yuvj444p", "-q:v", "1"];

  it("JPEG, with the profile in one piece or three", async () => {
    const jpeg = await asIs("p3.jpg", "0x4d9e41", JPEG);
    for (const pieces of [1, 3]) expectPatch(await show("p3-icc.jpg", jpegWith(jpeg, p3, pieces)));
  });

  it.each([
    ["Display P3", "0x4d9e41", p3],
    ["Adobe RGB", "0x5e9f3d", buildProfile(COLORANTS.adobeRgb, CURVES.gamma(2.2))],
    [
      "ProPhoto, whose mixing goes beyond the filter's bounds",
      "0x518539",
      buildProfile(COLORANTS.proPhoto, CURVES.gamma(1.8)),
    ],
    ["Rec. 2020", "0x639a44", buildProfile(COLORANTS.rec2020, CURVES.srgb)],
  ])("PNG in %s", async (_name, colour, profile) => {
    const png = pngWith(await asIs("wide.png", colour), profile);
    expectPatch(await show("wide-icc.png", png), 5);
  });

  it("WebP", async () => {
    const webp = await asIs("p3.webp", "0x4d9e41", ["-c:v", "libwebp", "-lossless", "1", "-pix_fmt", "bgra"]);
    expectPatch(await show("p3-icc.webp", webpWith(simple(webp), size, p3)));
  });

  it("over a background, blurred, and moving", async () => {
    const png = pngWith(await asIs("p3.png", "0x4d9e41"), p3);
    expectPatch(await show("p3-blur.png", png, { fit: "blur", frames: 5, zoom: "in" }));
  });

  it("leaves equivalents of sRGB unchanged", async () => {
    const jpeg = await asIs("srgb.jpg", "0x20a030", JPEG);
    const { payload } = await show("srgb-icc.jpg", jpeg);
    for (const curve of [CURVES.srgb, CURVES.srgbTable]) {
      const profiled = await show("srgb-icc.jpg", jpegWith(jpeg, buildProfile(COLORANTS.srgb, curve)));
      expect(profiled.payload.equals(payload)).toBe(true);
    }
  });

  it("ignores a damaged profile", async () => {
    const jpeg = await asIs("cut.jpg", "0x20a030", JPEG);
    expectPatch(await show("cut-icc.jpg", jpegWith(jpeg, p3.subarray(0, 150))));
  });
});

describe("converts videos by their tags", () => {
  const tagged = (primaries: string, transfer: string, matrix: string) =>
    `zscale=tin=bt709:min=gbr:pin=bt709:rin=full:p=${primaries}:t=${transfer}:m=${matrix}:r=tv,format=yuv420p10le`;
  const source = (name: string, primaries: string, transfer: string, matrix: string) =>
    bench.source(name, `${flat("0x20a030")},${tagged(primaries, transfer, matrix)}`, [
      ...["-c:v", "libx264", "-qp", "1", "-color_primaries", primaries, "-color_trc", transfer, "-colorspace", matrix],
    ]);

  it.each([
    ["Display P3", "smpte432", "bt709", "bt709"],
    ["DCI P3", "smpte431", "bt709", "bt709"],
    ["BT.2020", "bt2020", "bt2020-10", "bt2020nc"],
  ])("%s", async (_name, primaries, transfer, matrix) => {
    expectPatch(await bench.clip(await source(`${primaries}.mp4`, primaries, transfer, matrix), { frames: 3 }));
  });

  it("treats untagged HD in VP8 as BT.709, like browsers", async () => {
    const hd =
      "color=0x20a030:size=720x1280:rate=10:duration=0.5,format=gbrp,scale=out_color_matrix=bt709,format=yuv420p";
    expectPatch(await bench.clip(await bench.source("hd.webm", hd, ["-c:v", "libvpx", "-b:v", "2M"]), { frames: 3 }));
  });

  it("treats HDR with only a transfer tag as BT.2020", async () => {
    const hdr = async (name: string, transfer: string, also: string[]) => {
      const yuv = "format=yuv420p10le,lutyuv=y=420:u=470:v=430,setparams=color_primaries=unknown:colorspace=unknown";
      const path = await bench.source(name, `${flat("gray")},${yuv}:color_trc=${transfer}`, [
        ...["-c:v", "libx264", "-qp", "1", "-color_trc", transfer, ...also],
      ]);
      return (await bench.clip(path, { frames: 3 })).pictures.map(({ data }) => data.toString("hex"));
    };
    for (const transfer of ["smpte2084", "arib-std-b67"]) {
      const alone = await hdr(`${transfer}.mp4`, transfer, []);
      const whole = await hdr(`${transfer}-tagged.mp4`, transfer, [
        ...["-bsf:v", "h264_metadata=colour_primaries=9:matrix_coefficients=9"],
      ]);
      expect(alone).toEqual(whole);
    }
  });
});

/** ffmpeg writes an extended WebP for transparency, which already has that header. */
function simple(webp: Buffer): Buffer {
  const at = webp.indexOf("VP8L");
  return Buffer.concat([webp.subarray(0, 12), webp.subarray(at)]);
}
