import sharp, { type Sharp } from "sharp";

// The only home of sharp. Loaders that are not listed are blocked: libvips would draw SVG and PDF, and reads formats of
// microscopes, which are large and old code.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: [
    "VipsForeignLoadJpeg",
    "VipsForeignLoadPng",
    "VipsForeignLoadWebp",
    "VipsForeignLoadHeif",
    "VipsForeignLoadNsgif",
    "VipsForeignLoadTiff",
  ],
});
// One thread an image: as many programs run as there are slots, and threads of one image take more CPU in all.
sharp.concurrency(1);
// Each image is read once.
sharp.cache(false);

export type Image = Sharp;

/** Opens a file. Of animations and files with many pages, the first picture. */
export const openImage = (path: string, maxPixels: number): Image =>
  sharp(path, { limitInputPixels: maxPixels, failOn: "error", sequentialRead: true });

/** Pixels in memory. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

export const fromPixels = ({ data, ...raw }: Pixels): Image => sharp(data, { raw, limitInputPixels: false });

/** A picture without anything on it. */
export const transparent = ({ width, height }: Pick<Pixels, "width" | "height">): Image =>
  sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });

export async function toPixels(image: Image): Promise<Pixels> {
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { data, width, height, channels };
}
