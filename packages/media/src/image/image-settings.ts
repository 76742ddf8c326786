import { ImageFormat as F, Gravity as G, type Image, ImageFit, type Watermark } from "@polyreel/contract";
import type { Colour, Direction, Gravity, ImageFormat, ImageSettings, MarkSettings } from "./image-job.js";
import type { ImageFit as Fit } from "./target-size.js";

const FORMATS: { readonly [V in F]: ImageFormat } = {
  [F.UNSPECIFIED]: "jpeg",
  [F.JPEG]: "jpeg",
  [F.PNG]: "png",
  [F.WEBP]: "webp",
  [F.AVIF]: "avif",
};

const FITS: { readonly [V in ImageFit]: Fit } = {
  [ImageFit.UNSPECIFIED]: "inside",
  [ImageFit.COVER]: "cover",
  [ImageFit.CONTAIN]: "contain",
  [ImageFit.FILL]: "fill",
  [ImageFit.INSIDE]: "inside",
  [ImageFit.OUTSIDE]: "outside",
};

const GRAVITIES: { readonly [V in G]: Gravity } = {
  [G.UNSPECIFIED]: "center",
  [G.CENTER]: "center",
  [G.NORTH]: "north",
  [G.NORTHEAST]: "northeast",
  [G.EAST]: "east",
  [G.SOUTHEAST]: "southeast",
  [G.SOUTH]: "south",
  [G.SOUTHWEST]: "southwest",
  [G.WEST]: "west",
  [G.NORTHWEST]: "northwest",
  [G.ATTENTION]: "attention",
  [G.ENTROPY]: "entropy",
};

/** Name of a format of the contract; an unset one is JPEG. */
export const imageFormatName = (format: F): ImageFormat => FORMATS[format];

/** The settings of a normalised image operation in the words of the program that performs it; pure. */
export function imageSettings(image: Image): ImageSettings {
  const { crop, background, watermark, rotate } = image;
  const { width, height, enlarge, quality, maxBytes, lossless, progressive, keepMetadata, keepProfile } = image;
  return {
    ...{ width, height, enlarge, quality, maxBytes, lossless, progressive, keepMetadata, keepProfile },
    format: FORMATS[image.format],
    fit: FITS[image.fit],
    gravity: GRAVITIES[image.gravity],
    rotate: ((rotate % 360) + 360) % 360,
    ...(crop && { crop: { x: crop.x, y: crop.y, width: crop.width, height: crop.height } }),
    ...(background && { background: colourOf(background) }),
    ...(watermark && { mark: markSettings(watermark) }),
  };
}

/** The settings of a normalised watermark; pure. */
export function markSettings({ mark, gravity, offset, scale, opacity = 1, tiled }: Watermark): MarkSettings {
  return {
    isText: mark.case === "text",
    // The checks refuse others.
    gravity: GRAVITIES[gravity || G.SOUTHEAST] as Direction,
    offset: { x: offset?.x ?? 0, y: offset?.y ?? 0 },
    ...{ scale, opacity, tiled },
  };
}

/** "#rrggbb" or "#rrggbbaa". */
export function colourOf(written: string): Colour {
  const part = (at: number) => Number.parseInt(written.slice(at, at + 2) || "ff", 16);
  return { r: part(1), g: part(3), b: part(5), alpha: part(7) / 255 };
}
