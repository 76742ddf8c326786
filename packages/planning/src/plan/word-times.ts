import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { splitWords } from "@polyreel/media/speech";
import type { PlacedLine } from "./timeline.js";

/** The words of a spoken line with their times from its start, reported by the engine or else estimated. */
export const wordsOf = ({ words, text, samples }: PlacedLine): readonly SpokenWord[] =>
  words.length > 0 ? words : estimatedWords(text, samples / SAMPLE_RATE);

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
