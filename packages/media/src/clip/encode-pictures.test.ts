import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const GREY = [128, 128];

function at(picture: Picture | undefined, x = 48, y = 80): number[] {
  if (!picture) throw new Error("there is no picture");
  return pixel(picture, x, y);
}

describe("pictures", () => {
  // The halves differ, so that a rotation is visible.
  const halves =
    "color=white:size=80x48:rate=30:duration=1,format=rgb24,drawbox=x=40:color=black:t=fill,format=yuv444p";
  const WHITE = [235, ...GREY];
  const BLACK = [16, ...GREY];
  const near = (found: number[], expected: number[], by = 3) =>
    expect(found.map((value, i) => Math.abs(value - (expected[i] ?? 0)) <= by)).toEqual([true, true, true]);

  it("are shown upright", async () => {
    const path = await bench.source("halves.mp4", halves, ["-pix_fmt", "yuv420p"]);
    // The matrix of a phone video to be turned clockwise by 90 degrees (ISO/IEC 14496-12, 8.3.2).
    const mp4 = await readFile(path);
    for (const [i, value] of [0, 0x10000, 0, -0x10000, 0].entries())
      mp4.writeInt32BE(value, mp4.indexOf("tkhd") + 44 + 4 * i);
    await writeFile(path, mp4);
    const [first] = (await bench.clip(path, { fit: "cover" })).pictures;
    // The left half is now at the top.
    near(at(first, 48, 20), WHITE);
    near(at(first, 48, 140), BLACK);
  });

  it("of photos are turned by their EXIF orientation", async () => {
    const path = await bench.source("halves.jpg", halves, ["-frames:v", "1", "-q:v", "2"]);
    const jpeg = await readFile(path);
    const exif = Buffer.from("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", "latin1");
    const marker = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
    await writeFile(path, Buffer.concat([jpeg.subarray(0, 2), marker, exif, jpeg.subarray(2)]));
    const [first] = (await bench.clip(path, { fit: "cover", still: true })).pictures;
    near(at(first, 48, 20), WHITE);
    near(at(first, 48, 140), BLACK);
  });

  it("of photos have square pixels, whatever their print density", async () => {
    const path = await bench.source("density.jpg", "color=white:size=80x80,format=yuvj444p", ["-frames:v", "1"]);
    const jpeg = await readFile(path);
    const density = jpeg.indexOf("JFIF\0") + 7;
    jpeg[density] = 1; // Unit: dots per inch.
    jpeg.writeUInt16BE(300, density + 1);
    jpeg.writeUInt16BE(72, density + 3);
    await writeFile(path, jpeg);
    const [first] = (await bench.clip(path, { still: true })).pictures;
    // 96x96 on 96x160: 32 pixels above and below.
    near(at(first, 48, 28), BLACK);
    near(at(first, 48, 36), WHITE);
    near(at(first, 2, 80), WHITE);
  });

  it("with non-square pixels are stretched to their shape", async () => {
    const path = await bench.source("sar.mp4", "color=white:size=40x80:rate=30:duration=1,setsar=2", [
      "-pix_fmt",
      "yuv420p",
    ]);
    const [first] = (await bench.clip(path)).pictures;
    // Displayed as 80x80, so 96x96 on 96x160: 32 pixels above and below.
    near(at(first, 48, 28), BLACK);
    near(at(first, 48, 36), WHITE);
    near(at(first, 2, 80), WHITE);
  });

  it("of odd sizes fill the canvas", async () => {
    const path = await bench.source("odd.png", "color=white:size=33x17,format=rgb24", ["-frames:v", "1"]);
    const [first] = (await bench.clip(path, { fit: "cover", still: true })).pictures;
    for (const [x, y] of [
      [0, 0],
      [95, 0],
      [0, 159],
      [95, 159],
      [48, 80],
    ] as const)
      near(at(first, x, y), WHITE);
  });

  it("keep their colours: stills, full range, and the background", async () => {
    const red = await bench.source("red.png", "color=red:size=40x40,format=rgb24", ["-frames:v", "1"]);
    const jpeg = await bench.source("red.jpg", "color=red:size=40x40,format=yuvj444p", ["-frames:v", "1", "-q:v", "1"]);
    const grey = await bench.source("grey.mkv", "color=0x808080:size=40x40:rate=30:duration=1,format=yuvj420p", [
      ...["-c:v", "mjpeg", "-q:v", "1"],
    ]);
    for (const path of [red, jpeg]) {
      const [first] = (await bench.clip(path, { still: true, background: "#00ff00" })).pictures;
      near(at(first), [63, 102, 240], 4);
      near(at(first, 48, 4), [173, 42, 26]);
    }
    near(at((await bench.clip(grey)).pictures[0]), [126, ...GREY]);
  });

  it("in HDR keep their white", async () => {
    // White of 203 cd/m2 is 58 % of PQ's signal; interpreted as SDR it would be a grey of luma 143.
    const white = "color=white:size=40x40:rate=30:duration=1,format=yuv420p10le,lutyuv=y=572:u=512:v=512";
    // Set on the frames: from ffmpeg 7.1 on, frame properties override options.
    const tagged = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc";
    const tags = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];
    const path = await bench.source("hdr.mp4", `${white},${tagged}`, ["-c:v", "libx264", ...tags]);
    const [luma = 0, ...chroma] = at((await bench.clip(path)).pictures[0]);
    expect(luma).toBeGreaterThan(180);
    near([128, ...chroma], [128, ...GREY]);
  });

  it("show the background through transparency", async () => {
    const path = await bench.source("alpha.png", "color=white@0.5:size=40x40,format=rgba", ["-frames:v", "1"]);
    const [first] = (await bench.clip(path, { fit: "cover", still: true, background: "#0000ff" })).pictures;
    near(at(first), [(235 + 32) / 2, (128 + 240) / 2, (128 + 118) / 2], 4);
  });

  it("have overlays in their own colours, up to the last frame", async () => {
    const [under, over] = [
      await bench.source("under.png", "color=red:size=32x32,format=rgba", ["-frames:v", "1"]),
      await bench.source("over.png", "color=blue:size=16x16,format=rgba", ["-frames:v", "1"]),
    ];
    const path = await bench.source("base.mp4", "color=black:size=96x160:rate=30:duration=1", ["-pix_fmt", "yuv420p"]);
    const overlays = [
      { path: under, x: 10, y: 20 },
      { path: over, x: 10, y: 20 },
    ];
    const { pictures } = await bench.clip(path, { frames: 5, holdFrames: 5 }, { overlays });
    for (const picture of [pictures.at(0), pictures.at(-1)]) {
      near(at(picture, 18, 28), [32, 240, 118], 4);
      near(at(picture, 34, 44), [63, 102, 240], 4);
      near(at(picture, 60, 100), BLACK);
    }
  });
});
