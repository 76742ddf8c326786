import type { Size } from "./geometry.js";

/** How far a shape may be from the one that the header states, relative to it: sizes are rounded. */
const SHAPE_TOLERANCE = 0.02;

/**
 * A scaler's width that prints the shape of pictures that are not of the one that the graph was made for: as a warning, once
 * for each change.
 */
export function watchedWidth(width: number, picture: Size): string {
  const shape = picture.width / picture.height;
  const off = `gt(abs(iw*sar/ih-${shape.toFixed(6)}),${(SHAPE_TOLERANCE * shape).toFixed(6)})`;
  return `w='${width}+0*if(${off},print(iw*sar/ih,24))':eval=frame`;
}

/** Whether a line of ffmpeg's is such a shape. */
export const changesShape = (line: string): boolean => /\[warning\] \d+\.\d+$/.test(line);
