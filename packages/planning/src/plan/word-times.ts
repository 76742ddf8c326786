import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import type { PlacedLine, SpokenSpan } from "./timeline.js";

/** The words of a spoken line with their times from its start, reported by the engine or else estimated. */
export const wordsOf = ({ words, text, samples }: PlacedLine): readonly SpokenWord[] =>
  words.length > 0 ? words : estimatedWords(text, samples / SAMPLE_RATE);

/** What the words of a span depend on. Different texts may have the same speech. */
export const wordsKey = ({ block, line, start }: SpokenSpan): string =>
  JSON.stringify([block, line.hash, line.text, start]);

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

/** Scripts without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const dictionary = new Intl.Segmenter("und", { granularity: "word" });
const SPOKEN = /[\p{L}\p{N}]/u;

/**
 * Splits at spaces, in scripts that have them; anything unspoken, such as a dash or an emoji, is joined to the word
 * before.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean).flatMap(unspacedWords)) {
    if (words.length > 0 && !SPOKEN.test(word)) words.push(`${words.pop()} ${word}`);
    else words.push(word);
  }
  return words;
}

/** Splits between words of unspaced scripts; marks belong to the word before them. */
function unspacedWords(word: string): string[] {
  if (!UNSPACED.test(word)) return [word];
  const words: string[] = [];
  for (const { segment } of dictionary.segment(word)) {
    const before = words.at(-1) ?? "";
    const isNew = UNSPACED.test(segment[0] ?? "") && UNSPACED.test(before.replace(/\p{P}+$/u, "").slice(-1));
    if (isNew) words.push(segment);
    else words.splice(-1, 1, before + segment);
  }
  return words;
}
