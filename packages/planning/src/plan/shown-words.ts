import type { SpokenWord } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { align, estimatedWords, splitWords, spreadWords } from "@polyreel/media/speech";
import type { KnownSpeech } from "./resolved-inputs.js";

/**
 * The words of a text with the times of its speech, in which other words may be spoken: "ACME X1" for "ack-me x one". Words
 * that are in both have their times; the others share the time between these, by their letters. Every word of the text is
 * shown, in order; what is not spoken at all joins the word before it. Empty if the text was spoken as it is, and the engine
 * reports no times.
 */
export function shownWords(
  text: string,
  { text: spokenText, words, samples }: Required<Pick<KnownSpeech, "text" | "words" | "samples">>,
): readonly SpokenWord[] {
  if (text === spokenText) return words;
  const spoken = words.length > 0 ? words : estimatedWords(spokenText, samples / SAMPLE_RATE);
  const shown = splitWords(text);
  const found: SpokenWord[] = [];
  let unspoken: string[] = []; // Before the first spoken word.
  const add = (words: readonly string[], during: readonly SpokenWord[]) => {
    const [first, last, before] = [during[0], during.at(-1), found.at(-1)];
    if (first && last && words.length > 0) {
      const [word = "", ...rest] = words;
      found.push(...spreadWords([[...unspoken, word].join(" "), ...rest], first.startSeconds, last.endSeconds));
      unspoken = [];
    } else if (!before) unspoken = [...unspoken, ...words];
    else if (last) before.endSeconds = last.endSeconds;
    else before.text = [before.text, ...words].join(" ");
  };
  let [nextShown, nextSpoken] = [0, 0];
  for (const [shownAt, spokenAt] of commonWords(shown, spoken)) {
    add(shown.slice(nextShown, shownAt), spoken.slice(nextSpoken, spokenAt));
    [nextShown, nextSpoken] = [shownAt + 1, spokenAt + 1];
    add(shown.slice(shownAt, nextShown), spoken.slice(spokenAt, nextSpoken));
  }
  add(shown.slice(nextShown), spoken.slice(nextSpoken));
  return found;
}

/** Positions of the words that are both shown and spoken, in order. */
function commonWords(shown: readonly string[], spoken: readonly SpokenWord[]): (readonly [number, number])[] {
  const expected = shown.map((word, owner) => ({ item: keyOf(word), owner }));
  const keys = spoken.map(({ text }) => keyOf(text));
  const common: (readonly [number, number])[] = [];
  for (const [spokenAt, shownAt] of align(expected, keys).entries()) {
    const isNew = shownAt !== undefined && shownAt > (common.at(-1)?.[0] ?? -1);
    if (isNew && keys[spokenAt] !== "" && expected[shownAt]?.item === keys[spokenAt]) common.push([shownAt, spokenAt]);
  }
  return common;
}

/** Words are the same in any letter case and punctuation. */
const keyOf = (word: string): string =>
  word
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "");
