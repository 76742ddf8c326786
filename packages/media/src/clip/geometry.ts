import { PolyreelError } from "@polyreel/platform";

export interface Size {
  width: number;
  height: number;
}

/** Placement of a picture on the canvas. All numbers are pixels, and even because chroma has half the resolution. */
export interface Placement {
  /** Extreme shapes are cropped about their centre to this size before they are scaled. */
  precut?: { width: number; height: number };
  /** Size that the picture is scaled to. */
  scaled: Size;
  /** Position of its upper left corner; whatever lies outside the canvas is cropped. */
  x: number;
  y: number;
}

/** Bars narrower than this in total are rounding errors. */
const HAIRLINE = 4;
/** A covering picture is roughly cropped before scaling if less than this share of it is needed. */
const PRECUT_BELOW = 0.25;

/**
 * Places a picture (its displayed size) on a canvas: `cover` fills the canvas and crops, `contain` shows the whole
 * picture. Both are centred.
 */
export function place(picture: Size, canvas: Size, fit: string): Placement {
  if (fit === "contain") return contain(picture, canvas);
  if (fit === "cover") return cover(picture, canvas);
  throw new PolyreelError("invalid", {
    field: "fit",
    reason: `A picture fits the canvas by "cover", "contain" or "blur", not "${fit}".`,
  });
}

function contain(picture: Size, canvas: Size): Placement {
  const factor = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  const length = (side: number, limit: number) => {
    const even = Math.min(limit, Math.max(2, toEven(side * factor)));
    return limit - even < HAIRLINE ? limit : even;
  };
  const scaled = { width: length(picture.width, canvas.width), height: length(picture.height, canvas.height) };
  return { scaled, ...centre(scaled, canvas) };
}

function cover(picture: Size, canvas: Size): Placement {
  const factor = Math.max(canvas.width / picture.width, canvas.height / picture.height);
  const needed = {
    width: canvas.width / factor / picture.width,
    height: canvas.height / factor / picture.height,
  };
  if (Math.min(needed.width, needed.height) < PRECUT_BELOW) return coverByPrecut(needed, canvas);
  const scaled = {
    width: Math.max(canvas.width, toEven(picture.width * factor)),
    height: Math.max(canvas.height, toEven(picture.height * factor)),
  };
  return { scaled, ...centre(scaled, canvas) };
}

/** The rough crop keeps twice what is needed, so that its rounding to whole pixels is invisible. */
function coverByPrecut(needed: Size, canvas: Size): Placement {
  const precut = { width: Math.min(1, 2 * needed.width), height: Math.min(1, 2 * needed.height) };
  const scaled = {
    width: Math.max(canvas.width, toEven((canvas.width * precut.width) / needed.width)),
    height: Math.max(canvas.height, toEven((canvas.height * precut.height) / needed.height)),
  };
  return { precut, scaled, ...centre(scaled, canvas) };
}

/** The middle of the canvas: this share of its width and height; 0: all of it. */
export function middle(canvas: Size, share: number): Placement {
  if (share === 0 || share === 1) return { scaled: canvas, x: 0, y: 0 };
  const length = (side: number) => Math.max(2, toEven(share * side));
  const scaled = { width: length(canvas.width), height: length(canvas.height) };
  return { scaled, ...centre(scaled, canvas) };
}

const toEven = (length: number): number => 2 * Math.round(length / 2);

const centre = (scaled: Size, canvas: Size): { x: number; y: number } => ({
  x: toEven((canvas.width - scaled.width) / 2) + 0, // Adding 0 turns -0 into 0.
  y: toEven((canvas.height - scaled.height) / 2) + 0,
});
