import { PictureFormat } from "@polyreel/contract";
import { encodeJpeg } from "./jpeg.js";
import { BYTES_PER_PIXEL, type Picture } from "./picture.js";

/** Of 100: like JPEG's, without visible loss. */
const WEBP_QUALITY = 88;

/**
 * Encodes a picture as a file, JPEG by default. The same picture always gives the same bytes. JPEG has no transparency,
 * and black shows through.
 */
export async function encodePicture(picture: Picture, format: PictureFormat): Promise<Buffer> {
  if (format !== PictureFormat.PNG && format !== PictureFormat.WEBP) return encodeJpeg(onBlack(picture));
  const { width, height, data } = picture;
  const { createCanvas, ImageData } = await import("@napi-rs/canvas");
  const canvas = createCanvas(width, height);
  const pixels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return format === PictureFormat.PNG ? canvas.encode("png") : canvas.encode("webp", WEBP_QUALITY);
}

function onBlack(picture: Picture): Picture {
  const data = Buffer.from(picture.data);
  for (let at = 0; at < data.length; at += BYTES_PER_PIXEL) {
    const opacity = data[at + 3] ?? 255;
    if (opacity === 255) continue;
    for (let channel = at; channel < at + 3; channel++)
      data[channel] = Math.round(((data[channel] ?? 0) * opacity) / 255);
    data[at + 3] = 255;
  }
  return { ...picture, data };
}
