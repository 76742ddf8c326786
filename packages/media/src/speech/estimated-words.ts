import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { splitWords } from "./split-words.js";

/** A pause counts as this many letters. */
const PAUSE_LETTERS = 4;

/**
 * Estimated times of words, for engines that don't report them: each word's share of the line's length by its letters,
 * with a pause after punctuation. Seconds from the line's start.
 */
export function estimatedWords(text: string, lineSeconds: number): SpokenWord[] {
  const words = splitWords(text);
  const weights = words.map((word) => [...word].length + 1 + (/[.,;:!?…]$/u.test(word) ? PAUSE_LETTERS : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return words.map((word, i) => {
    const startSeconds = (before / total) * lineSeconds;
    before += weights[i] ?? 0;
    return create(SpokenWordSchema, { text: word, startSeconds, endSeconds: (before / total) * lineSeconds });
  });
}
