import { type Picture, pixel } from "./decode-clip.js";

/** A graph whose frames show their number in six black and white stripes, the topmost being the lowest bit. */
export const numbered = (frames: number, rate: number | string = 30) =>
  `color=gray:size=48x96:rate=${rate},format=yuv420p,geq=lum='16+219*mod(floor(N/pow(2,floor(Y/16))),2)':cb=128:cr=128,trim=end_frame=${frames},setparams=colorspace=bt709:range=tv`;
export const LOSSLESS = ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast"];

/** Reads the numbers from pictures of 96x160. */
export const numbers = (pictures: Picture[]) =>
  pictures.map((picture) =>
    [0, 1, 2, 3, 4, 5].reduce((sum, bit) => {
      const [luma] = pixel(picture, 48, Math.round(((bit + 0.5) * 160) / 6));
      return sum + (luma > 125 ? 2 ** bit : 0);
    }, 0),
  );

/** Integers from `from` up to, but excluding, `to`. */
export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
