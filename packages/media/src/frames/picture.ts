/** An RGBA picture, a byte per channel, rows from the top without padding. */
export interface Picture {
  width: number;
  height: number;
  data: Buffer;
}

export const BYTES_PER_PIXEL = 4;
