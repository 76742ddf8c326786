import { runFfmpeg } from "@polyreel/media/ffmpeg";

export type Pixel = readonly [red: number, green: number, blue: number];

/** In pixels; `right` and `bottom` are the last ones inside. */
export interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const CHANNELS = 3;

/** A decoded picture. */
export class Frame {
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly data: Buffer,
  ) {}

  pixel(x: number, y: number): Pixel {
    const at = (Math.floor(y) * this.width + Math.floor(x)) * CHANNELS;
    const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = this.data.subarray(at, at + CHANNELS);
    return [red, green, blue];
  }

  /** Number of matching pixels. */
  count(looks: (pixel: Pixel) => boolean): number {
    let count = 0;
    for (let y = 0; y < this.height; y++) for (let x = 0; x < this.width; x++) if (looks(this.pixel(x, y))) count++;
    return count;
  }

  /** The bounding box of matching pixels. */
  bounds(looks: (pixel: Pixel) => boolean): Bounds {
    let [left, right, top, bottom] = [this.width, -1, this.height, -1];
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        if (!looks(this.pixel(x, y))) continue;
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      }
    }
    if (right < 0) throw new Error("Nothing looks so.");
    return { left, right, top, bottom };
  }
}

/** All frames of a video, or the one of a picture file. `width` and `height` are the expected size. */
export async function framesOf(path: string, { width, height }: { width: number; height: number }): Promise<Frame[]> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ file: path }],
    outputs: [{ stdout: true, options: ["-an", "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo"] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    signal: new AbortController().signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 29,
  });
  const pixels = Buffer.concat(chunks);
  const bytes = width * height * CHANNELS;
  if (pixels.length % bytes !== 0) throw new Error(`It is not of ${width}x${height} pixels.`);
  return Array.from(
    { length: pixels.length / bytes },
    (_, i) => new Frame(width, height, pixels.subarray(i * bytes, (i + 1) * bytes)),
  );
}

/**
 * Whether a pixel has a colour. Tolerance 24 of 255 per channel: rounding to limited range and H.264 at the clips'
 * quality change plain areas by less than 8; the colours used here differ by more than 100.
 */
export const isColour =
  (colour: Pixel, tolerance = 24) =>
  (pixel: Pixel): boolean =>
    colour.every((value, i) => Math.abs(value - (pixel[i] ?? Number.NaN)) <= tolerance);

export const RED: Pixel = [255, 0, 0];
export const GREEN: Pixel = [0, 160, 0];
export const BLUE: Pixel = [0, 0, 255];
export const WHITE: Pixel = [255, 255, 255];
export const GREY: Pixel = [128, 128, 128];
