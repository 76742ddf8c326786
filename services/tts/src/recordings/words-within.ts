import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";

/** The words that are spoken mostly within a stretch, with times from its start, in seconds. */
export function wordsWithin(words: readonly SpokenWord[], from: number, to: number): SpokenWord[] {
  const clamp = (seconds: number) => Math.max(0, Math.min(seconds, to) - from);
  return words
    .filter(({ startSeconds, endSeconds }) => {
      const middle = (startSeconds + endSeconds) / 2;
      return middle >= from && middle < to;
    })
    .map(({ text, startSeconds, endSeconds }) =>
      create(SpokenWordSchema, { text, startSeconds: clamp(startSeconds), endSeconds: clamp(endSeconds) }),
    );
}
