import type { Picture } from "./picture.js";

/** Of 100: no visible loss, a tenth of the bytes. */
const QUALITY = 88;

/** Encodes a picture as JPEG. The same picture always gives the same bytes. */
export async function encodeJpeg({ width, height, data }: Picture, quality = QUALITY): Promise<Buffer> {
  const { createCanvas, ImageData } = await import("@napi-rs/canvas");
  const canvas = createCanvas(width, height);
  const pixels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas.encode("jpeg", quality);
}
