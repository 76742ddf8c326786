import { framesOf } from "../gallery/look.js";

/** Colours that remain distinct through any encoding. */
const COLOURS = {
  red: [255, 0, 0],
  green: [0, 160, 0],
  blue: [0, 0, 255],
  white: [255, 255, 255],
  grey: [128, 128, 128],
};
export type Colour = keyof typeof COLOURS;

/** A lavfi source: red and green above, blue and white below. */
export const quarters = (size: string): string =>
  [
    `color=white:s=${size}:r=30:d=1`,
    "format=rgba",
    "drawbox=x=0:y=0:w=iw/2:h=ih/2:c=red:t=fill",
    "drawbox=x=iw/2:y=0:w=iw/2:h=ih/2:c=0x00a000:t=fill",
    "drawbox=x=0:y=ih/2:w=iw/2:h=ih/2:c=blue:t=fill",
  ].join(",");

/** The colours at some points of a video's frames, one list per frame. */
export async function coloursAt(
  path: string,
  size: { width: number; height: number },
  points: readonly (readonly [x: number, y: number])[],
): Promise<(Colour | string)[][]> {
  const frames = await framesOf(path, size);
  return frames.map((frame) => points.map(([x, y]) => nameOf(frame.pixel(x, y))));
}

/** The colour's name, or its numbers if it is none of ours. */
function nameOf(pixel: readonly number[]): Colour | string {
  const found = Object.entries(COLOURS).find(([, colour]) =>
    colour.every((value, i) => Math.abs(value - (pixel[i] ?? 0)) <= 24),
  );
  return found?.[0] ?? pixel.join();
}
