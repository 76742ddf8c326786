import type { Size } from "./target-size.js";

interface Crop extends Size {
  readonly x: number;
  readonly y: number;
}

/** What is wrong with a part of an upright image of a size; undefined if the image contains it. */
export function cropFault({ x, y, width, height }: Crop, size: Size) {
  if (x + width <= size.width && y + height <= size.height) return undefined;
  return {
    field: "crop",
    reason: `The crop reaches to ${x + width}x${y + height}, beyond the upright image of ${size.width}x${size.height} pixels.`,
    remedy: `Choose x + width up to ${size.width} and y + height up to ${size.height}, or leave it out.`,
  };
}
