import { type Transcode, VideoFit } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import type { Size } from "../clip/geometry.js";

type Sizes = Pick<Transcode, "width" | "height" | "shortSide" | "fit" | "upscale">;

/** Shorter sides of the presets. */
const RUNGS = [480, 720, 1080, 2160];
const SHAPE = 16 / 9;
/** Cameras and crops leave out a few rows: 1916x1076 counts as 1080p. */
const TOLERANCE = 1.02;

/**
 * Refuses a size that a picture would have to be enlarged to, unless `upscale` asks for that: a file would not have the
 * size that its settings name. A side alone and a box to cover are sizes; a box to fit in is a limit. `shortSide` is a rung
 * of a ladder: it may be the smallest one that holds the whole picture, which then keeps its size; a higher one would
 * give the same picture under another name. `picture`: after crop and rotation. Throws PolyreelError `invalid`.
 */
export function assertReached(picture: Size, settings: Sizes): void {
  const { width, height, shortSide, fit, upscale } = settings;
  if (upscale) return;
  if (shortSide > 0) {
    const rung = lowerRung(shortSide, picture);
    if (rung !== undefined)
      throw unreached("shortSide", shortSide, picture, `shortSide ${rung} or less, or a preset for ${rung}p`);
    return;
  }
  if (width > 0 && height > 0 && fit !== VideoFit.COVER) return;
  if (width > picture.width * TOLERANCE) throw unreached("width", width, picture, `a width up to ${picture.width}`);
  if (height > picture.height * TOLERANCE)
    throw unreached("height", height, picture, `a height up to ${picture.height}`);
}

/** The smallest rung below another one that holds a whole picture: the other one would need an enlargement. */
export const lowerRung = (shortSide: number, picture: Size): number | undefined =>
  RUNGS.find((one) => one < shortSide && holds(one, picture));

/** 1080 holds 1920x800, and 1080x1920. */
const holds = (rung: number, { width, height }: Size): boolean =>
  Math.min(width, height) <= rung * TOLERANCE && Math.max(width, height) <= rung * SHAPE * TOLERANCE;

const unreached = (field: keyof Sizes, asked: number, { width, height }: Size, choice: string) =>
  sourceError({
    field,
    reason: `The picture has ${width}x${height} pixels: ${field} ${asked} would enlarge it.`,
    remedy: `Choose ${choice}, or write upscale: true. Width and height together are a box that smaller pictures need not fill.`,
  });
