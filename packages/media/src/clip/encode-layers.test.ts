import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "./testing/bench.js";
import { type Picture, pixel } from "./testing/decode-clip.js";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const RED = [63, 102, 240];
const BLUE = [32, 240, 118];
const WHITE = [235, 128, 128];
const BLACK = [16, 128, 128];
const mean = (...colours: number[][]) =>
  [0, 1, 2].map((i) => colours.reduce((sum, colour) => sum + (colour[i] ?? 0), 0) / colours.length);

/** Encoding at CRF 20 changes flat colours by up to 3, rounding of opacity by 1. */
function near(picture: Picture | undefined, [x, y]: [number, number], expected: number[], by = 4): void {
  const found = picture ? pixel(picture, x, y) : [];
  const close = expected.every((value, i) => Math.abs(value - (found[i] ?? Number.NaN)) <= by);
  expect(close ? expected : found, `at ${x},${y}`).toEqual(expected);
}

describe("blur", () => {
  // Left half red, right half blue; 96x54 on 96x160 leaves bars of 53 above and below.
  const halves = "color=red:size=96x54:rate=30:duration=1,format=rgb24,drawbox=x=48:color=blue:t=fill,format=yuv444p";

  it("fills the bars around a contained picture with the blurred picture", async () => {
    const path = await bench.source("halves.mp4", halves, ["-pix_fmt", "yuv444p", "-qp", "0"]);
    const { pictures } = await bench.clip(path, { fit: "blur", background: "#00ff00" });
    expect(pictures.length).toBe(10);
    for (const picture of [pictures.at(0), pictures.at(-1)]) {
      // The picture itself stays sharp.
      near(picture, [42, 80], RED, 6);
      near(picture, [54, 80], BLUE, 6);
      for (const y of [4, 156]) {
        near(picture, [4, y], RED, 8);
        near(picture, [92, y], BLUE, 8);
        // The edge becomes a gradient with a mixture of both in the middle.
        near(picture, [48, y], mean(RED, BLUE), 30);
        const [luma] = pixel(picture as Picture, 42, y);
        expect(luma).toBeLessThan(60);
        expect(luma).toBeGreaterThan(mean(RED, BLUE)[0] ?? 0);
      }
    }
  });

  it("shows the blurred picture through transparency, above the background's colour", async () => {
    const path = await bench.source("ghost.png", "color=red@0.5:size=96x54,format=rgba", ["-frames:v", "1"]);
    const [first] = (await bench.clip(path, { fit: "blur", still: true, background: "#0000ff" })).pictures;
    near(first, [48, 8], mean(RED, BLUE));
    near(first, [48, 80], mean(RED, RED, RED, BLUE));
  });

  it("is omitted if the picture covers the canvas", async () => {
    const path = await bench.source("full.mp4", "testsrc2=size=96x160:rate=30:duration=1");
    const [blur, contain] = [await bench.clip(path, { fit: "blur" }), await bench.clip(path, { fit: "contain" })];
    expect(blur.payload.equals(contain.payload)).toBe(true);
  });
});

describe("a background picture", () => {
  let behind: string;
  beforeAll(async () => {
    // Twice as wide as the canvas: its left and right quarters are cut off.
    const picture = "color=white:size=192x160,format=rgb24,drawbox=x=48:w=96:color=blue:t=fill";
    behind = await bench.source("behind.png", picture, ["-frames:v", "1"]);
  });

  it("is visible around a contained picture in every frame", async () => {
    const path = await bench.source("red.mp4", "color=red:size=96x54:rate=30:duration=1");
    const { pictures } = await bench.clip(path, { background: "#00ff00", holdFrames: 3 }, { backgroundPath: behind });
    expect(pictures.length).toBe(13);
    for (const picture of [pictures.at(0), pictures.at(5), pictures.at(-1)]) {
      for (const corner of [
        [3, 3],
        [92, 3],
        [3, 156],
        [92, 156],
      ] as [number, number][])
        near(picture, corner, BLUE);
      near(picture, [48, 80], RED, 10);
    }
  });

  it.each<[string, string, string, string[], boolean]>([
    ["PNG", "alpha.png", "rgba", ["-frames:v", "1"], true],
    ["animated PNG", "alpha.apng", "rgba", ["-f", "apng"], false],
    ["VP8", "vp8.webm", "yuva420p", ["-c:v", "libvpx", "-auto-alt-ref", "0", "-b:v", "1M"], false],
    ["VP9", "vp9.webm", "yuva420p", ["-c:v", "libvpx-vp9", "-b:v", "1M"], false],
    ["ProRes 4444", "prores.mov", "yuva444p10le", ["-c:v", "prores_ks", "-profile:v", "4444"], false],
  ])("is visible through transparent %s", async (_what, name, layout, options, still) => {
    // Opaque white at the top, half transparent in the middle, empty at the bottom.
    const alpha = "geq=r=255:g=255:b=255:a='255*lt(Y,54)+128*between(Y,54,105)'";
    const source = `color=white:size=96x160:rate=30:duration=0.5,format=rgba,${alpha},format=${layout}`;
    const path = await bench.source(name, source, options);
    const { pictures } = await bench.clip(path, { fit: "cover", still }, { backgroundPath: behind });
    expect(pictures.length).toBe(10);
    for (const picture of [pictures.at(0), pictures.at(-1)]) {
      near(picture, [48, 24], WHITE, 5);
      near(picture, [48, 80], mean(WHITE, BLUE), 6);
      near(picture, [48, 140], BLUE, 5);
    }
  });

  it("is refused if it is no picture", async () => {
    const path = await bench.source("moving.mp4", "testsrc2=size=96x54:rate=30:duration=1");
    await expect(bench.clip(path, {}, { backgroundPath: path })).rejects.toMatchObject({
      code: "invalid",
      failure: { field: "background", reason: "The file is a video, not a still picture." },
    });
  });
});

it("shows the background colour behind a transparent GIF", async () => {
  const frames = "color=white:size=96x160:rate=10:duration=1,format=rgba,geq=r=255:g=255:b=255:a='255*lt(Y,80)'";
  const path = await bench.source(
    "half.gif",
    `${frames},split[a][b];[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse`,
  );
  const [first] = (await bench.clip(path, { fit: "cover", background: "#0000ff" })).pictures;
  near(first, [48, 20], WHITE);
  near(first, [48, 140], BLUE);
});

it("changes nothing if the picture covers everything", async () => {
  const path = await bench.source("whole.mp4", "color=black:size=96x160:rate=30:duration=1");
  const backgroundPath = await bench.source("unseen.png", "color=white:size=32x32", ["-frames:v", "1"]);
  const [plain, composed] = [await bench.clip(path), await bench.clip(path, {}, { backgroundPath })];
  near(plain.pictures[0], [48, 80], BLACK);
  expect(composed.payload.equals(plain.payload)).toBe(true);
});
