import { PictureFormat } from "@polyreel/contract";
import { encodeJpeg } from "./jpeg.js";
import type { Picture } from "./picture.js";

/** Of 100, as for JPEG. */
const WEBP_QUALITY = 88;

/** A picture in a file format; JPEG where none is given. The same picture always gives the same bytes. */
export async function encodePicture(picture: Picture, format: PictureFormat): Promise<Buffer> {
  if (format !== PictureFormat.PNG && format !== PictureFormat.WEBP) return encodeJpeg(picture);
  const { createCanvas, ImageData } = await import("@napi-rs/canvas");
  const { width, height, data } = picture;
  const canvas = createCanvas(width, height);
  const pixels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return format === PictureFormat.PNG ? canvas.encode("png") : canvas.encode("webp", WEBP_QUALITY);
}
