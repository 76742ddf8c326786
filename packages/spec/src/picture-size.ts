import { SpecError } from "./mistake.js";

/** In pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Limit for the sides of a generated picture, in pixels. 8K video fits. */
const MAX_SIDE = 8192;

/**
 * The size of a picture scaled to a width. 0: the picture's own width, up to the limit. Throws SpecError if it would be
 * higher than the limit.
 */
export function sizeInWidth(width: number, picture: Size): Size {
  if (width === 0) {
    const factor = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    return { width: length(picture.width * factor), height: length(picture.height * factor) };
  }
  const height = length((width * picture.height) / picture.width);
  if (height <= MAX_SIDE) return { width, height };
  throw new SpecError([
    {
      field: "width",
      reason: `In a width of ${width} pixels a picture of ${picture.width}x${picture.height} is ${height} pixels high; at most ${MAX_SIDE} are allowed.`,
      remedy: `Use a width of at most ${Math.max(1, Math.floor((MAX_SIDE * picture.width) / picture.height))}.`,
    },
  ]);
}

/** Limit for a whole sheet, which is held in memory three times: as frames, as a sheet, and by the encoder. */
const MAX_PIXELS = 100e6;

/** The size of each picture in a sheet. Throws like `sizeInWidth`, and if the sheet would be too large. */
export function sizeInSheet(
  { width, columns, count }: { readonly width: number; readonly columns: number; readonly count: number },
  picture: Size,
): Size {
  const size = sizeInWidth(width, picture);
  const sheet = count > 1 ? sheetSize(size, count, { columns }) : size;
  if (sheet.width * sheet.height <= MAX_PIXELS) return size;
  throw new SpecError([
    {
      field: "width",
      reason: `The contact sheet would have ${sheet.width}x${sheet.height} pixels, more than the ${MAX_PIXELS / 1e6} million allowed.`,
      remedy: "Make its frames less wide, or take fewer of them.",
    },
  ]);
}

const length = (pixels: number): number => Math.max(1, Math.round(pixels));

export interface SheetLayout {
  /** Number of pictures side by side. */
  columns: number;
  /** Between pictures and around them, in pixels. */
  gap?: number;
}

/** Default gap of a sheet, in pixels. */
export const GAP = 8;

/** The size of a sheet in pixels. */
export function sheetSize(
  { width, height }: Size,
  count: number,
  { columns, gap = GAP }: SheetLayout,
): { width: number; height: number } {
  const across = acrossOf(count, columns);
  return { width: across * (width + gap) + gap, height: Math.ceil(count / across) * (height + gap) + gap };
}

/** Number of pictures side by side. */
export const acrossOf = (count: number, columns: number): number => Math.max(1, Math.min(columns, count));
