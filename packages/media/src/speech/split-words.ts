import { UNSPACED } from "./unspaced.js";

const dictionary = new Intl.Segmenter("und", { granularity: "word" });
const SPOKEN = /[\p{L}\p{N}]/u;

/**
 * Splits a text at spaces, in scripts that have them; anything unspoken, such as a dash or an emoji, is joined to the word
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
