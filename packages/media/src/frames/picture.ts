/** A picture for pages and screens: red, green, blue and opacity, a byte each, rows from the top without gaps. */
export interface Picture {
  width: number;
  height: number;
  data: Buffer;
}

export const BYTES_PER_PIXEL = 4;
