import { join } from "node:path";
import { REAL_MEDIA } from "@polyreel/media/testing";

/** A stretch of a recording, as a choice of a block. */
export interface Recording {
  readonly label: string;
  readonly path: string;
  readonly startSeconds: number;
  readonly seconds: number;
}

export interface RecordedBatch {
  /** Choices of each block. */
  readonly blocks: readonly (readonly Recording[])[];
  readonly bed: string;
}

/**
 * Up to three blocks of two recordings each, of different shapes, rates, codecs and containers, one without any sound,
 * over a mono song: at most `seconds` of each. Undefined without the recordings.
 */
export function recordedBatch(blocks: number, seconds: number): RecordedBatch | undefined {
  if (!REAL_MEDIA) return undefined;
  const folder = REAL_MEDIA;
  const recording = (label: string, file: string, startSeconds = 0): Recording => ({
    ...{ label, startSeconds, seconds },
    path: join(folder, file),
  });
  return {
    blocks: [
      [recording("friday", "friday.mp4"), recording("flower", "flower.mp4")],
      [recording("bug", "bug_video_640.mp4"), recording("tears", "tears-of-steel.webm", 20)],
      [recording("bloom", "flower.webm"), recording("again", "friday.mp4", 1)],
    ].slice(0, blocks),
    bed: join(folder, "guitar.mp3"),
  };
}

/** Every combination, as a choice of each block, the last block fastest. */
export const combinationsOf = ({ blocks }: RecordedBatch): Recording[][] =>
  blocks.reduce<Recording[][]>(
    (before, choices) => before.flatMap((chosen) => choices.map((choice) => [...chosen, choice])),
    [[]],
  );

/** Name of a combination's file, without its extension. */
export const nameOf = (combination: readonly Recording[]): string => combination.map(({ label }) => label).join("-");
