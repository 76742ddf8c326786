import { type Crop, type Transcode, VideoFit } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import { type Placement, place, type Size } from "../clip/geometry.js";

/** Position of a picture in the output's picture. */
export interface PicturePlace {
  readonly output: Size;
  readonly placement: Placement;
  /** It would have had to be enlarged, and was not. */
  readonly isCapped: boolean;
}

type Sizes = Pick<Transcode, "width" | "height" | "shortSide" | "fit" | "upscale" | "rotate" | "crop">;

/** Encoders and players end here. */
const MAX_SIDE = 8192;

/** The size of a picture after crop and rotation. `picture`: as displayed. Throws PolyreelError `invalid`. */
export function turnedSize(picture: Size, { crop, rotate }: Pick<Sizes, "crop" | "rotate">): Size {
  const { width, height } = crop ? croppedSize(picture, crop) : picture;
  return rotate % 180 === 0 ? { width, height } : { width: height, height: width };
}

function croppedSize({ width, height }: Size, crop: Crop): Size {
  if (crop.x + crop.width <= width && crop.y + crop.height <= height) return crop;
  throw sourceError({
    field: "crop",
    reason: `The picture has ${width}x${height} pixels; the crop extends to ${crop.x + crop.width}x${crop.y + crop.height}.`,
    remedy: `Choose x + width up to ${width} and y + height up to ${height}.`,
  });
}

/** The output's size and the picture's place in it; pure. `picture`: after crop and rotation. Throws `invalid`. */
export function placePicture(picture: Size, settings: Sizes): PicturePlace {
  const { width, height, fit, upscale } = settings;
  const hasBox = width > 0 && height > 0;
  const placed =
    hasBox && fit === VideoFit.COVER
      ? covered(picture, { width, height }, upscale)
      : hasBox && fit === VideoFit.PAD
        ? padded(picture, { width, height }, upscale)
        : contained(picture, settings);
  const longest = Math.max(placed.output.width, placed.output.height);
  if (longest > MAX_SIDE) {
    throw sourceError({
      field: settings.width > 0 ? "width" : settings.height > 0 ? "height" : "shortSide",
      reason: `The picture would be ${placed.output.width}x${placed.output.height}; its sides can have up to ${MAX_SIDE} pixels.`,
      remedy: "Choose a smaller size.",
    });
  }
  return placed;
}

function contained(picture: Size, { width, height, shortSide, upscale }: Sizes): PicturePlace {
  const wanted = Math.min(
    ...(width > 0 ? [width / picture.width] : []),
    ...(height > 0 ? [height / picture.height] : []),
    ...(shortSide > 0 ? [shortSide / Math.min(picture.width, picture.height)] : []),
  );
  const factor = Number.isFinite(wanted) && (wanted < 1 || upscale) ? wanted : 1;
  const scaled = { width: toEven(picture.width * factor), height: toEven(picture.height * factor) };
  return { output: scaled, placement: { scaled, x: 0, y: 0 }, isCapped: Number.isFinite(wanted) && factor < wanted };
}

/** Without enlarging, the box shrinks and keeps its shape. */
function covered(picture: Size, box: Size, upscale: boolean): PicturePlace {
  const wanted = Math.max(box.width / picture.width, box.height / picture.height);
  const isCapped = wanted > 1 && !upscale;
  const output = isCapped ? { width: toEven(box.width / wanted), height: toEven(box.height / wanted) } : box;
  return { output, placement: place(picture, output, "cover"), isCapped };
}

/** Without enlarging, the bars are wider. */
function padded(picture: Size, output: Size, upscale: boolean): PicturePlace {
  const wanted = Math.min(output.width / picture.width, output.height / picture.height);
  if (wanted <= 1 || upscale) return { output, placement: place(picture, output, "contain"), isCapped: false };
  const scaled = {
    width: Math.min(output.width, toEven(picture.width)),
    height: Math.min(output.height, toEven(picture.height)),
  };
  const x = toEven((output.width - scaled.width) / 2);
  const y = toEven((output.height - scaled.height) / 2);
  return { output, placement: { scaled, x, y }, isCapped: true };
}

/** Chroma has half the resolution. */
const toEven = (length: number): number => Math.max(2, 2 * Math.round(length / 2));
