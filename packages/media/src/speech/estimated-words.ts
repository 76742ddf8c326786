import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { splitWords } from "./split-words.js";

/** A pause counts as this many letters. */
const PAUSE_LETTERS = 4;

/**
 * Estimated times of words, for engines that don't report them: each word's share of the line's length by its letters,
 * with a pause after punctuation. Seconds from the line's start.
 */
export const estimatedWords = (text: string, lineSeconds: number): SpokenWord[] =>
  spreadWords(splitWords(text), 0, lineSeconds);

/** Words that follow each other from one time to another. */
export function spreadWords(words: readonly string[], fromSeconds: number, toSeconds: number): SpokenWord[] {
  const weights = words.map((word) => [...word].length + 1 + (/[.,;:!?…]$/u.test(word) ? PAUSE_LETTERS : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const timeAfter = (weight: number): number => fromSeconds + (weight / total) * (toSeconds - fromSeconds);
  let before = 0;
  return words.map((text, i) => {
    const startSeconds = timeAfter(before);
    before += weights[i] ?? 0;
    return create(SpokenWordSchema, { text, startSeconds, endSeconds: timeAfter(before) });
  });
}
