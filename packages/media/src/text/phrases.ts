import type { SpokenWord } from "@polyreel/contract";

export type Word = Pick<SpokenWord, "text" | "startSeconds" | "endSeconds">;

/** More cannot be read while listening. */
export const MAX_WORDS = 6;
/** A longer pause ends a phrase; slightly more than a multiple of frame durations, however times are rounded. */
const PAUSE_SECONDS = 0.601;

const SENTENCE_END = /[.!?…。！？؟।]["'”’»)\]」』]*$/u;
/** Punctuation within a sentence. */
const CLAUSE_END = /[,;:–—،、，；：]["'”’»)\]」』]*$/u;
/** The period after these ends no sentence: a name or a number follows. */
const TITLES = /^["'“‘(]*(?:Dr|Mr|Mrs|Ms|Prof|St|Mt|Gov|Sen|Rep|Capt|Lt|vs|Hr|Fr|Nr|Sr|Sra|Mme)\.$/u;
/** The period after these ends no sentence if a number follows. */
const BEFORE_NUMBERS = /^(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Okt|Dez|No|approx|Fig|Vol|Ch|pp?)\.$/iu;
/** The period after these ends no sentence if a lower-case letter follows. */
const ABBREVIATIONS =
  /^["'“‘(]*(?:etc|approx|incl|excl|min|max|ca|usw|bzw|est|dept|Inc|Ltd|Co|Corp|Jr|Ave|Rd|\p{L}m|kg|lb|oz)\.$/u;
const EMOJI_BEHIND = /(?:\s|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\ufe0f|\u200d)+$/u;
/** "J.", "U.S.", "e.g."; but a sentence may end at "5 p.m.". */
const INITIALS = /^["'“‘(]*(?:\p{L}\.)+$/u;
const TIME_OF_DAY = /^[ap]\.m\.$/i;

/** Ideal length of a phrase in letters: a short line. */
const BEST_LENGTH = 24;
/** Cost of a break other than at a clause's end, and after an abbreviation, in squared letters. */
const PARTS_CLAUSE = 200;
const PARTS_ABBREVIATION = 600;

/** What a phrase may contain. */
export interface PhraseLimits {
  /** Maximum number of words. */
  readonly words: number;
  /** Whether several words have room together. */
  fits(words: readonly Word[]): boolean;
}

/**
 * Groups words into phrases, in order of time: a phrase ends with its sentence and at pauses; longer sentences are
 * split evenly.
 */
export function phrasesOf(words: readonly Word[], limits: PhraseLimits): Word[][] {
  const spoken = words.filter(({ text }) => text.trim() !== "").toSorted((a, b) => a.startSeconds - b.startSeconds);
  const sentences: Word[][] = [];
  for (const word of spoken) {
    const current = sentences.at(-1);
    const last = current?.at(-1);
    if (!current || !last || endsBefore(last, word)) sentences.push([word]);
    else current.push(word);
  }
  return sentences.flatMap((sentence) => split(sentence, limits));
}

/** Words by sentence, whatever the pauses between them. */
export function sentencesOf<W extends Word>(words: readonly W[]): W[][] {
  const sentences: W[][] = [];
  for (const [i, word] of words.entries()) {
    const last = words[i - 1];
    if (!last || endsSentence(last, word)) sentences.push([word]);
    else sentences.at(-1)?.push(word);
  }
  return sentences;
}

const endsBefore = (last: Word, word: Word): boolean =>
  word.startSeconds - last.endSeconds > PAUSE_SECONDS || endsSentence(last, word);

function endsSentence(last: Word, { text }: Word): boolean {
  const written = withoutEmoji(last.text);
  if (!SENTENCE_END.test(written)) return false;
  if (!written.endsWith(".")) return true;
  if (TITLES.test(written)) return false;
  if (BEFORE_NUMBERS.test(written) && /^\p{N}/u.test(text.trim())) return false;
  if (ABBREVIATIONS.test(written) && /^\p{Ll}/u.test(text.trim())) return false;
  return !INITIALS.test(written) || TIME_OF_DAY.test(written);
}

/** A word without emoji after its last punctuation mark. */
const withoutEmoji = (word: string): string => word.replace(EMOJI_BEHIND, "");

/** The best split of the first words of a sentence: the start of its last phrase. */
interface Split {
  cost: number;
  from: number;
}

/** Phrases that fit, of similar lengths, preferably ending with clauses. */
function split(sentence: readonly Word[], { words, fits }: PhraseLimits): Word[][] {
  const best: Split[] = [{ cost: 0, from: 0 }];
  for (let end = 1; end <= sentence.length; end++) {
    for (let from = end - 1; from >= Math.max(0, end - words); from--) {
      const phrase = sentence.slice(from, end);
      if (phrase.length > 1 && !fits(phrase)) break;
      const cost = (best[from]?.cost ?? 0) + costOf(phrase) + (end < sentence.length ? costAfter(phrase) : 0);
      if (cost < (best[end]?.cost ?? Number.POSITIVE_INFINITY)) best[end] = { cost, from };
    }
  }
  const phrases: Word[][] = [];
  for (let end = sentence.length; end > 0; ) {
    const from = best[end]?.from ?? 0;
    phrases.push(sentence.slice(from, end));
    end = from;
  }
  return phrases.reverse();
}

const costOf = (phrase: readonly Word[]): number =>
  (phrase.reduce((sum, { text }) => sum + [...text.trim()].length + 1, -1) - BEST_LENGTH) ** 2;

function costAfter(phrase: readonly Word[]): number {
  const last = withoutEmoji(phrase.at(-1)?.text ?? "");
  if (CLAUSE_END.test(last)) return 0;
  return last.endsWith(".") ? PARTS_ABBREVIATION : PARTS_CLAUSE;
}
