import type { ClipFormat } from "../clip/format.js";

/**
 * A frame that begins so shortly after a time counts as shown at it: times are given in milliseconds, while frames begin at
 * thirds of them. Less than one: at 29.97 frames a second frame 30 begins at 1.001 s, and is not shown at 1 s.
 */
export const TIME_TOLERANCE_SECONDS = 0.0009;

/** The frame of a video that is on screen at a time, counted from 0; after its end the last one. */
export function frameOnScreen(
  atSeconds: number,
  frames: number,
  { rateNumerator, rateDenominator }: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number {
  const frame = Math.floor(((atSeconds + TIME_TOLERANCE_SECONDS) * rateNumerator) / rateDenominator);
  return Math.max(0, Math.min(frames - 1, frame));
}

/** Frames of one clip of a video. */
export interface ClipFrames {
  /** The position of the clip among the video's. */
  readonly clip: number;
  /** Counted from the beginning of the clip. */
  readonly frames: readonly number[];
}

/**
 * Which frames of which clips some frames of a video are, in the same order; neighbours in one clip stay together. `lengths`:
 * of the clips, in frames. Throws RangeError where the video has no such frame.
 */
export function framesByClip(frames: readonly number[], lengths: readonly number[]): ClipFrames[] {
  const found: { clip: number; frames: number[] }[] = [];
  for (const frame of frames) {
    let start = 0;
    const clip = lengths.findIndex((length) => {
      if (frame < start + length) return true;
      start += length;
      return false;
    });
    if (clip < 0 || frame < 0) throw new RangeError(`The video has no frame ${frame}.`);
    const last = found.at(-1);
    if (last?.clip === clip) last.frames.push(frame - start);
    else found.push({ clip, frames: [frame - start] });
  }
  return found;
}

/**
 * So many frames at equal distances, each from the middle of its share: neither the first nor the last is black for a fade. A
 * video of fewer frames shows some of them twice.
 */
export const framesApart = (count: number, frames: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.min(frames - 1, Math.floor(((i + 0.5) * frames) / count)));
