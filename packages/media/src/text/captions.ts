import { MAX_WORDS, phrasesOf, type Word } from "./phrases.js";
import { characters } from "./word-spans.js";

/** From the beginning of a word of a phrase to the next one's, or to the phrase's end. */
export interface CaptionState {
  /** Index of the phrase. */
  phrase: number;
  /** How many words of the phrase have begun. */
  words: number;
  /** How many of them begin with this state: more than one only if they begin together. */
  beginning: number;
  /** Inclusive, to `toSeconds`, exclusive; on the clock of the words. */
  fromSeconds: number;
  toSeconds: number;
  /** End of the words that begin with this state, if it is before the state's. */
  spokenToSeconds: number;
}

export interface Phrase {
  text: string;
  /** Number of characters (as `characters` counts) up to the end of each word. */
  wordEnds: number[];
}

export interface Captions {
  /** Complete phrases, in order: each is laid out once, so that its words do not move while others are added. */
  phrases: Phrase[];
  /** In order of time; never two at once. */
  states: CaptionState[];
}

export interface CaptionLimits {
  /** Maximum number of words of a phrase. */
  words?: number;
  /** Whether a phrase has room: in two lines, say. */
  fits(phrase: string): boolean;
}

/** How long a phrase stays after its last word. */
const STAYS_SECONDS = 0.4;
/** A shorter pause belongs to the word before it: a highlight that vanishes for a few frames would flicker. */
const SHORTEST_PAUSE_SECONDS = 0.101;

/**
 * Captions for spoken words, grouped into phrases. A phrase begins with its first word, and stays until shortly after
 * its last one or until the next phrase.
 */
export function captionStates(words: readonly Word[], { words: most = MAX_WORDS, fits }: CaptionLimits): Captions {
  const groups = phrasesOf(words, { words: most, fits: (phrase) => fits(joined(phrase)) });
  const states = groups.flatMap((group, phrase) =>
    statesOf(group, phrase, groups[phrase + 1]?.[0]?.startSeconds ?? Number.POSITIVE_INFINITY),
  );
  return { phrases: groups.map(phraseOf), states };
}

function statesOf(group: readonly Word[], phrase: number, next: number): CaptionState[] {
  const states: CaptionState[] = [];
  let begun = 0;
  for (const [i, word] of group.entries()) {
    const fromSeconds = Math.max(0, word.startSeconds);
    const ends = Math.max(word.endSeconds, word.startSeconds) + STAYS_SECONDS;
    const toSeconds = group[i + 1]?.startSeconds ?? Math.min(next, ends);
    if (toSeconds <= fromSeconds) continue;
    const spoken = Math.max(...group.slice(begun, i + 1).map(({ endSeconds }) => endSeconds));
    const spokenToSeconds = toSeconds - spoken < SHORTEST_PAUSE_SECONDS ? toSeconds : Math.max(spoken, fromSeconds);
    states.push({ phrase, words: i + 1, beginning: i + 1 - begun, fromSeconds, toSeconds, spokenToSeconds });
    begun = i + 1;
  }
  return states;
}

const phraseOf = (group: readonly Word[]): Phrase => ({
  text: joined(group),
  wordEnds: group.map((_, i) => characters(joined(group.slice(0, i + 1)))),
});

/** Scripts without spaces between words. */
const UNSPACED =
  "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}]";
const BETWEEN_UNSPACED = new RegExp(`${UNSPACED}\\p{P}?\u0000(?=${UNSPACED})`, "gu");

function joined(words: readonly Word[]): string {
  const marked = words.map(({ text }) => text.replaceAll("\u0000", "").trim()).join("\u0000");
  return marked.replace(BETWEEN_UNSPACED, (end) => end.slice(0, -1)).replaceAll("\u0000", " ");
}
