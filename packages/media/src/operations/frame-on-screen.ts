import type { ClipFormat } from "../clip/format.js";

/**
 * A frame that begins this shortly after a time counts as shown at it: times are given in milliseconds, while frames
 * may begin at thirds of them. Less than one millisecond: at 29.97 fps frame 30 begins at 1.001 s, and is not on screen
 * at 1 s.
 */
export const TIME_TOLERANCE_SECONDS = 0.0009;

/** The frame of a video on screen at a time, counted from 0; the last one after its end. */
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
  /** Index of the clip in the video. */
  readonly clip: number;
  /** Counted from the beginning of the clip. */
  readonly frames: readonly number[];
}

/**
 * Maps frames of a video to frames of its clips, in the same order; neighbours in one clip are grouped. `lengths` are
 * the clips' lengths in frames. Throws RangeError if the video has no such frame.
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
 * Frames at equal distances, each from the middle of its interval, which avoids black first and last frames. Frames are
 * repeated if the video has too few.
 */
export const framesAtIntervals = (count: number, frames: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.min(frames - 1, Math.floor(((i + 0.5) * frames) / count)));
