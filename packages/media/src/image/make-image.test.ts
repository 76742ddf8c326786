import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Gravity, ImageFit, ImageFormat, ImageSchema } from "@polyreel/contract";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "./image-workers.js";
import { makeImage } from "./make-image.js";
import {
  BLUE,
  decoded,
  GREEN,
  gifOf,
  isNear,
  plain,
  quarters,
  RED,
  type Rgb,
  written,
  YELLOW,
} from "./testing/pictures.js";

const { signal } = new AbortController();
const workers = new ImageWorkers({ processes: 2 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-image-"));
});
afterAll(async () => {
  await workers.close();
  await rm(folder, { recursive: true });
});

type Settings = MessageInitShape<typeof ImageSchema>;

const made = async (path: string, settings: Settings) =>
  makeImage({ path }, create(ImageSchema, settings), { workers, tempDir: folder, signal });

/** Colours of the four quarters. */
async function quartersOf(path: string) {
  const { at } = await decoded(path);
  return [at(0.2, 0.2), at(0.8, 0.2), at(0.2, 0.8), at(0.8, 0.8)];
}

function expectQuarters(found: readonly (readonly number[])[], wanted: readonly Rgb[]) {
  for (const [i, colour] of wanted.entries()) {
    expect(isNear(found[i] ?? [], colour), `quarter ${i}: ${found[i]}, wanted ${colour}`).toBe(true);
  }
}

const UPRIGHT = [RED, GREEN, BLUE, YELLOW];

describe("formats", () => {
  const inputs = ["jpeg", "png", "webp", "avif", "gif", "tiff"] as const;
  const outputs = [
    [ImageFormat.JPEG, "jpeg"],
    [ImageFormat.PNG, "png"],
    [ImageFormat.WEBP, "webp"],
    [ImageFormat.AVIF, "heif"],
  ] as const;

  it.each(inputs)("reads %s, and writes each format", async (input) => {
    const path = await written(folder, `of.${input}`, quarters().toFormat(input));
    for (const [format, name] of outputs) {
      const { payloadPath, index } = await made(path, { format, width: 60 });
      expect((await sharp(payloadPath).metadata()).format).toBe(name);
      expect(index).toMatchObject({ format, width: 60, height: 40, hasMetadata: false, hasProfile: false });
      expectQuarters(await quartersOf(payloadPath), UPRIGHT);
    }
  });

  it("takes the first picture of an animation", async () => {
    const { payloadPath } = await made(await written(folder, "many.gif", gifOf(5_000)), { format: ImageFormat.PNG });
    expect(await sharp(payloadPath).metadata()).toMatchObject({ width: 1, height: 1, format: "png" });
  });
});

describe("geometry", () => {
  it("applies every orientation", async () => {
    // What each orientation shows of an upright image (EXIF 2.3, tag 0x0112): stored by the inverse of the turn.
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const isTurned = orientation >= 5;
      const upright = quarters(120, 80);
      const turns = [0, 0, 0, 180, 180, 90, 270, 270, 90][orientation] ?? 0;
      const stored = sharp(await upright.png().toBuffer()).rotate(turns);
      const mirrored = [2, 4, 5, 7].includes(orientation) ? sharp(await stored.png().toBuffer()).flop() : stored;
      const path = await written(folder, `turned-${orientation}.jpg`, mirrored.withMetadata({ orientation }).jpeg());
      const { payloadPath, index } = await made(path, { format: ImageFormat.PNG, width: 60 });
      expect([orientation, index.width, index.height]).toEqual([orientation, 60, 40]);
      expectQuarters(await quartersOf(payloadPath), UPRIGHT);
      expect((await sharp(path).metadata()).width).toBe(isTurned ? 80 : 120);
    }
  });

  it.each<[number, readonly Rgb[]]>([
    [90, [BLUE, RED, YELLOW, GREEN]],
    [180, [YELLOW, BLUE, GREEN, RED]],
    [270, [GREEN, YELLOW, RED, BLUE]],
  ])("turns by %s degrees what is cropped", async (rotate, wanted) => {
    const path = await written(folder, "turn.png", quarters(120, 80).png());
    // Its middle, without a quarter of the width on the left.
    const crop = { x: 30, y: 0, width: 60, height: 80 };
    const { payloadPath, index } = await made(path, { format: ImageFormat.PNG, rotate, crop });
    expect([index.width, index.height]).toEqual(rotate === 180 ? [60, 80] : [80, 60]);
    expectQuarters(await quartersOf(payloadPath), wanted);
    const { payloadPath: left } = await made(path, { format: ImageFormat.PNG, rotate, crop: { ...crop, x: 0 } });
    expect(await quartersOf(left)).not.toEqual(await quartersOf(payloadPath));
  });

  it("turns by other angles on the background", async () => {
    const path = await written(folder, "angle.png", plain(RED, 100, 100).png());
    const { payloadPath, index } = await made(path, { rotate: 45, background: "#0000ffff" });
    expect(index.width).toBeGreaterThan(138);
    const { at } = await decoded(payloadPath);
    expect(isNear(at(0.5, 0.5), RED)).toBe(true);
    expect(isNear(at(0.02, 0.02), [0, 0, 255])).toBe(true);
  });

  it("crops to what the gravity names, and to what draws the eye", async () => {
    const path = await written(folder, "wide.png", quarters(400, 100).png());
    const square = { format: ImageFormat.PNG, width: 100, height: 100, fit: ImageFit.COVER };
    const west = await made(path, { ...square, gravity: Gravity.WEST });
    expectQuarters(await quartersOf(west.payloadPath), [RED, RED, BLUE, BLUE]);
    const east = await made(path, { ...square, gravity: Gravity.EAST });
    expectQuarters(await quartersOf(east.payloadPath), [GREEN, GREEN, YELLOW, YELLOW]);
    const spot = await plain(RED, 60, 60).png().toBuffer();
    const grey = plain([128, 128, 128], 400, 100).composite([{ input: spot, left: 320, top: 20 }]);
    const eye = await made(await written(folder, "spot.png", grey.png()), { ...square, gravity: Gravity.ATTENTION });
    const { at } = await decoded(eye.payloadPath);
    expect([0.3, 0.5, 0.7, 0.9].some((x) => isNear(at(x, 0.5), RED))).toBe(true);
  });

  it("surrounds with the background, or with nothing", async () => {
    const path = await written(folder, "narrow.png", plain(RED, 40, 80).png());
    const box = { width: 80, height: 80, fit: ImageFit.CONTAIN };
    const jpeg = await decoded((await made(path, box)).payloadPath);
    expect(isNear(jpeg.at(0.05, 0.5), [255, 255, 255])).toBe(true);
    const png = await decoded(
      (await made(path, { ...box, format: ImageFormat.PNG, gravity: Gravity.EAST })).payloadPath,
    );
    expect([png.at(0.05, 0.5)[3], png.at(0.95, 0.5)[3]]).toEqual([0, 255]);
    const blue = await decoded((await made(path, { ...box, background: "#0000ffff" })).payloadPath);
    expect(isNear(blue.at(0.05, 0.5), [0, 0, 255])).toBe(true);
  });

  it("refuses a crop beyond the image, and a result that no format holds", async () => {
    const path = await written(folder, "small.png", plain(RED, 40, 80).png());
    await expect(made(path, { crop: { x: 10, y: 0, width: 40, height: 10 } })).rejects.toMatchObject({
      code: "invalid",
      failure: {
        field: "crop",
        reason: "The crop reaches to 50x10, beyond the upright image of 40x80 pixels.",
      },
    });
    const large = { width: 16_000, height: 16_000, fit: ImageFit.OUTSIDE, enlarge: true };
    await expect(made(path, large)).rejects.toMatchObject({
      failure: { reason: expect.stringMatching(/^The result would have 16000x32000 pixels; JPEG can have /) },
    });
  });
});

describe("colours", () => {
  const COLOUR: Rgb = [200, 100, 50];

  it("converts a wide gamut to sRGB, or keeps it with its profile", async () => {
    const path = await written(folder, "p3.jpg", plain(COLOUR).withIccProfile("p3").jpeg({ quality: 95 }));
    const bare = sharp(path, { ignoreIcc: true }).raw();
    expect(isNear([...(await bare.toBuffer()).subarray(0, 3)], COLOUR, 5)).toBe(false);
    const srgb = await made(path, { format: ImageFormat.PNG });
    expect(isNear((await decoded(srgb.payloadPath)).at(0.5, 0.5), COLOUR, 4)).toBe(true);
    expect(srgb.index.hasProfile).toBe(false);
    const kept = await made(path, { format: ImageFormat.PNG, keepProfile: true });
    expect(kept.index.hasProfile).toBe(true);
    expect(isNear((await decoded(kept.payloadPath)).at(0.5, 0.5), COLOUR, 4)).toBe(true);
    const stored = await sharp(kept.payloadPath, { ignoreIcc: true }).raw().toBuffer();
    expect(isNear([...stored.subarray(0, 3)], COLOUR, 5)).toBe(false);
  });

  it("converts CMYK", async () => {
    const path = await written(folder, "cmyk.jpg", plain(COLOUR).toColourspace("cmyk").jpeg({ quality: 95 }));
    expect((await sharp(path).metadata()).space).toBe("cmyk");
    const { payloadPath } = await made(path, { format: ImageFormat.WEBP });
    expect((await sharp(payloadPath).metadata()).space).toBe("srgb");
    // Ink can't print its blue.
    expect(isNear((await decoded(payloadPath)).at(0.5, 0.5), COLOUR, 30)).toBe(true);
  });

  it("keeps transparency, or puts the background beneath it", async () => {
    const path = await written(folder, "half.png", plain(RED, 40, 40, 0.5).png());
    const [r] = (await decoded((await made(path, { format: ImageFormat.WEBP })).payloadPath)).at(0.5, 0.5).slice(3);
    expect(r).toBeCloseTo(128, -1);
    const white = await decoded((await made(path, {})).payloadPath);
    expect(isNear(white.at(0.5, 0.5), [238, 143, 148])).toBe(true);
    const black = await decoded((await made(path, { format: ImageFormat.PNG, background: "#000000ff" })).payloadPath);
    expect(isNear(black.at(0.5, 0.5), [110, 15, 20])).toBe(true);
    expect(black.at(0.5, 0.5)[3]).toBe(255);
  });
});

describe("encoding", () => {
  const noise = () =>
    sharp({
      create: {
        width: 120,
        height: 90,
        channels: 3,
        background: "#fff",
        noise: { type: "gaussian", mean: 128, sigma: 40 },
      },
    });

  it.each([ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP, ImageFormat.AVIF])(
    "finds the highest quality of format %s within a size",
    async (format) => {
      const path = await written(folder, "noise.png", noise().png());
      const free = await made(path, { format });
      const size = async (file: string) => (await stat(file)).size;
      const maxBytes = Math.round((await size(free.payloadPath)) * 0.7);
      const { payloadPath, index } = await made(path, { format, maxBytes });
      expect(await size(payloadPath)).toBeLessThanOrEqual(maxBytes);
      expect(index.quality).toBeGreaterThanOrEqual(10);
      const better = await made(path, { format, quality: Math.min(100, index.quality + 2) });
      if (format !== ImageFormat.PNG) expect(await size(better.payloadPath)).toBeGreaterThan(maxBytes);
      await expect(made(path, { format, maxBytes: 200 })).rejects.toMatchObject({
        code: "invalid",
        failure: { field: "maxBytes", reason: expect.stringMatching(/even at quality 10, more than the 200 asked/) },
      });
    },
  );

  it("removes metadata, or keeps it with the orientation applied", async () => {
    const exif = { IFD0: { Artist: "Ada" }, IFD3: { GPSLatitudeRef: "N" } };
    const path = await written(
      folder,
      "exif.jpg",
      quarters(120, 80).withExif(exif).withMetadata({ orientation: 6 }).jpeg(),
    );
    expect((await sharp(path).metadata()).exif?.includes("Ada")).toBe(true);
    const bare = await made(path, {});
    expect([bare.index.hasMetadata, (await sharp(bare.payloadPath).metadata()).exif]).toEqual([false, undefined]);
    const kept = await made(path, { keepMetadata: true });
    const metadata = await sharp(kept.payloadPath).metadata();
    expect([kept.index.hasMetadata, metadata.exif?.includes("Ada")]).toEqual([true, true]);
    expect([metadata.width, metadata.orientation ?? 1]).toEqual([80, 1]);
  });

  it("is progressive, or lossless", async () => {
    const path = await written(folder, "plain.png", quarters().png());
    const progressive = await made(path, { progressive: true });
    expect((await sharp(progressive.payloadPath).metadata()).isProgressive).toBe(true);
    const lossless = await made(path, { format: ImageFormat.WEBP, lossless: true });
    expect(lossless.index.quality).toBe(0);
    expect(await sharp(lossless.payloadPath).raw().toBuffer()).toEqual(await sharp(path).raw().toBuffer());
  });
});
