import { SpecError } from "./mistake.js";

/** In pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of a picture that is made, in pixels on each side. 8K video fits. */
const MAX_SIDE = 8192;

/**
 * The size of a picture in a width; its height follows. 0: as wide as the picture is, or as the bound allows. Throws
 * SpecError where it would be higher than the bound.
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

/** Of a whole sheet: what is held in memory three times, as frames, as a sheet, and by the encoder. */
const MAX_PIXELS = 100e6;

/** The size of each of so many pictures in a sheet. Throws as `sizeInWidth`, and where the sheet would be too large. */
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
  /** How many pictures stand side by side. */
  columns: number;
  /** Between pictures and around them, in pixels. */
  gap?: number;
}

/** Unless a sheet's layout states another, in pixels. */
export const GAP = 8;

/** How large a sheet of so many pictures is, in pixels. */
export function sheetSize(
  { width, height }: Size,
  count: number,
  { columns, gap = GAP }: SheetLayout,
): { width: number; height: number } {
  const across = acrossOf(count, columns);
  return { width: across * (width + gap) + gap, height: Math.ceil(count / across) * (height + gap) + gap };
}

/** How many pictures stand side by side. */
export const acrossOf = (count: number, columns: number): number => Math.max(1, Math.min(columns, count));
