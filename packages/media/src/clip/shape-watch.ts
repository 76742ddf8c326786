import type { Size } from "./geometry.js";

/** Tolerance for a shape, relative to the one in the header: sizes are rounded. */
const SHAPE_TOLERANCE = 0.02;

/**
 * A width expression for the scaler that logs a warning with the shape of pictures that differ from the one the graph
 * was built for, once per change.
 */
export function watchedWidth(width: number, picture: Size): string {
  const shape = picture.width / picture.height;
  const off = `gt(abs(iw*sar/ih-${shape.toFixed(6)}),${(SHAPE_TOLERANCE * shape).toFixed(6)})`;
  return `w='${width}+0*if(${off},print(iw*sar/ih,24))':eval=frame`;
}

/** Whether a line of ffmpeg's log is such a warning. */
export const changesShape = (line: string): boolean => /\[warning\] \d+\.\d+$/.test(line);
