import type { Peaks } from "./peak-meter.js";

/** More precise than the tallest picture shows. */
const DIGITS = 4;

/** Peaks for the columns of a picture, channel by channel: a minimum and a maximum each. Short sound is stretched. Pure. */
export function columnsOf({ channels, length, values }: Peaks, width: number): number[][] {
  return Array.from({ length: channels }, (_, channel) =>
    Array.from({ length: width }, (_, column) => {
      const from = Math.floor((column * length) / width);
      const to = Math.max(from + 1, Math.ceil(((column + 1) * length) / width));
      let minimum = Number.POSITIVE_INFINITY;
      let maximum = Number.NEGATIVE_INFINITY;
      for (let pixel = from; pixel < to; pixel++) {
        const at = (pixel * channels + channel) * 2;
        minimum = Math.min(minimum, values[at] ?? 0);
        maximum = Math.max(maximum, values[at + 1] ?? 0);
      }
      return [Number(minimum.toFixed(DIGITS)), Number(maximum.toFixed(DIGITS))];
    }).flat(),
  );
}
