import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";

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
