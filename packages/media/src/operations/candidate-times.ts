import type { ClipFormat } from "../clip/format.js";
import { frameOnScreen } from "./frame-on-screen.js";

/** Part of a video, in seconds from its first picture. */
export interface Stretch {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Times of the pictures among which the best one is chosen. */
export interface CandidateTimes {
  readonly startSeconds: number;
  /** In steps of `NEXT_SECONDS` from there, ascending. */
  readonly steps: readonly number[];
}

/** Distance of the picture that a candidate is compared with: a fade of a second changes a tenth in it. */
export const NEXT_SECONDS = 0.1;
/** Of candidates, in pixels: as sharp as a picture looks among others on a page. */
export const CANDIDATE_WIDTH = 256;
/** Limit of the work: each candidate takes two decoded pictures. */
const MAX_CANDIDATES = 12;

/** From the middle of each of up to 12 equal shares of a stretch; pure. */
export function candidateTimes({ startSeconds, endSeconds }: Stretch): CandidateTimes {
  const seconds = Math.max(0, endSeconds - startSeconds);
  const count = Math.max(1, Math.min(MAX_CANDIDATES, Math.floor(seconds / (2 * NEXT_SECONDS))));
  const share = seconds / count;
  const steps = Array.from({ length: count }, (_, i) => Math.round((i * share) / NEXT_SECONDS));
  return { startSeconds: startSeconds + share / 2, steps };
}

/** The frames of a video at these times, each followed by the one that it is compared with; pure. */
export const candidateFrames = (
  stretch: Stretch,
  frames: number,
  format: Pick<ClipFormat, "rateNumerator" | "rateDenominator">,
): number[] => {
  const { startSeconds, steps } = candidateTimes(stretch);
  const frameAt = (step: number) => frameOnScreen(startSeconds + step * NEXT_SECONDS, frames, format);
  return steps.flatMap((step) => [frameAt(step), frameAt(step + 1)]);
};
