import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

// Small images for tests, and the colours of results. sharp makes and decodes them here, apart from the program under test.

export type Rgb = readonly [r: number, g: number, b: number];

export const RED: Rgb = [220, 30, 40];
export const GREEN: Rgb = [30, 180, 60];
export const BLUE: Rgb = [40, 60, 210];
export const YELLOW: Rgb = [230, 210, 30];

/** Four quarters: red and green above, blue and yellow below. */
export function quarters(width = 120, height = 80): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [left, right] = y < height / 2 ? [RED, GREEN] : [BLUE, YELLOW];
      data.set(x < width / 2 ? left : right, (y * width + x) * 3);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** One colour. */
export const plain = (colour: Rgb, width = 120, height = 80, alpha?: number): Sharp => {
  const [r, g, b] = colour;
  const background = alpha === undefined ? { r, g, b } : { r, g, b, alpha };
  return sharp({ create: { width, height, channels: alpha === undefined ? 3 : 4, background } });
};

/** Writes an image into a folder. */
export async function written(folder: string, name: string, image: Sharp | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, Buffer.isBuffer(image) ? image : await image.toBuffer());
  return path;
}

export interface Decoded {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha at a place relative to the size. */
  at(x: number, y: number): [r: number, g: number, b: number, alpha: number];
}

/** The pixels of a file as sRGB. */
export async function decoded(path: string): Promise<Decoded> {
  const pixels = sharp(path).toColourspace("srgb").ensureAlpha().raw();
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    at: (x, y) => {
      const start = (Math.floor(y * height) * width + Math.floor(x * width)) * channels;
      const [r = 0, g = 0, b = 0, alpha = 255] = channels < 3 ? [] : data.subarray(start, start + 4);
      return channels < 3
        ? [data[start] ?? 0, data[start] ?? 0, data[start] ?? 0, data[start + 1] ?? 255]
        : [r, g, b, alpha];
    },
  };
}

/** Whether a colour is another one, but for what encoders change. */
export const isNear = (found: readonly number[], wanted: Rgb, tolerance = 14): boolean =>
  wanted.every((value, i) => Math.abs((found[i] ?? 0) - value) <= tolerance);

/** A PNG whose header claims any size. */
export function pngOf(width: number, height: number, lines: Buffer): Buffer {
  const chunk = (kind: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind, "latin1"), content]);
    const around = Buffer.alloc(8);
    around.writeUInt32BE(content.length, 0);
    around.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8); // Eight bits of grey.
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A GIF of one pixel with any number of frames. */
export function gifOf(frames: number): Buffer {
  const head = Buffer.from("474946383961010001008000000000ffffff0021ff0b4e45545343415045322e300301000000", "hex");
  const frame = Buffer.from("21f904000a0000002c00000000010001000002024401 00".replace(/ /g, ""), "hex");
  return Buffer.concat([head, ...Array<Buffer>(frames).fill(frame), Buffer.from(";")]);
}
