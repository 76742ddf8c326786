import { type Transcode, VideoFit } from "@polyreel/contract";
import type { Mistake } from "./mistake.js";
import { RUNGS } from "./presets.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

type Sizes = Pick<Transcode, "width" | "height" | "shortSide" | "fit" | "upscale">;

const SHAPE = 16 / 9;
/** Cameras and crops leave out a few rows: 1916x1076 counts as 1080p. */
const TOLERANCE = 1.02;

/**
 * What is wrong with a size that a picture would have to be enlarged to without `upscale`: a file would not have the size
 * that its settings name. A side alone and a box to cover are sizes; a box to fit in is a limit. `shortSide` is a rung
 * of a ladder: it may be the smallest one that holds the whole picture, which then keeps its size; a higher one would
 * give the same picture under another name. `picture`: after crop and rotation. Undefined: nothing.
 */
export function enlargementFault(picture: Size, settings: Sizes): Mistake | undefined {
  const { width, height, shortSide, fit, upscale } = settings;
  if (upscale) return undefined;
  if (shortSide > 0) {
    const rung = lowerRung(shortSide, picture);
    return rung === undefined
      ? undefined
      : unreached("shortSide", shortSide, picture, `shortSide ${rung} or less, or a preset for ${rung}p`);
  }
  if (width > 0 && height > 0 && fit !== VideoFit.COVER) return undefined;
  if (width > picture.width * TOLERANCE) return unreached("width", width, picture, `a width up to ${picture.width}`);
  if (height > picture.height * TOLERANCE)
    return unreached("height", height, picture, `a height up to ${picture.height}`);
  return undefined;
}

/** The smallest rung below another one that holds a whole picture: the other one would need an enlargement. */
export const lowerRung = (shortSide: number, picture: Size): number | undefined =>
  RUNGS.find((one) => one < shortSide && holds(one, picture));

/** 1080 holds 1920x800, and 1080x1920. */
const holds = (rung: number, { width, height }: Size): boolean =>
  Math.min(width, height) <= rung * TOLERANCE && Math.max(width, height) <= rung * SHAPE * TOLERANCE;

const unreached = (field: keyof Sizes, asked: number, { width, height }: Size, choice: string): Mistake => ({
  field,
  reason: `The picture has ${width}x${height} pixels: ${field} ${asked} would enlarge it.`,
  remedy: `Choose ${choice}, or write upscale: true. Width and height together are a box that smaller pictures need not fill.`,
});
