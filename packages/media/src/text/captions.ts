import { phrasesOf, type Word } from "./phrases.js";

/** What is visible during an interval: the first words of a phrase. */
export interface CaptionState {
  /** Index of the phrase. */
  phrase: number;
  /** The words spoken so far. */
  text: string;
  /** Inclusive, to `toSeconds`, exclusive; on the clock of the words. */
  fromSeconds: number;
  toSeconds: number;
}

export interface Captions {
  /** Complete phrases, in order: each is laid out once, so that its words do not move while others are added. */
  phrases: string[];
  /** In order of time; never two at once. */
  states: CaptionState[];
}

/** How long a phrase stays after its last word. */
const STAYS_SECONDS = 0.4;

/**
 * Captions for spoken words: grouped into phrases that `fits` accepts (two lines, say); each word appears when it
 * begins, and a phrase stays until shortly after its last word or until the next phrase.
 */
export function captionStates(words: readonly Word[], fits: (phrase: string) => boolean): Captions {
  const groups = phrasesOf(words, (phrase) => fits(joined(phrase)));
  const states = groups.flatMap((group, phrase) => {
    const next = groups[phrase + 1]?.[0]?.startSeconds ?? Number.POSITIVE_INFINITY;
    return group.flatMap((word, i): CaptionState[] => {
      const fromSeconds = Math.max(0, word.startSeconds);
      const ends = Math.max(word.endSeconds, word.startSeconds) + STAYS_SECONDS;
      const toSeconds = group[i + 1]?.startSeconds ?? Math.min(next, ends);
      if (toSeconds <= fromSeconds) return [];
      return [{ phrase, text: joined(group.slice(0, i + 1)), fromSeconds, toSeconds }];
    });
  });
  return { phrases: groups.map(joined), states };
}

/** Those visible at some time of the stretch. */
export const statesWithin = (
  states: readonly CaptionState[],
  { fromSeconds, toSeconds }: { fromSeconds: number; toSeconds: number },
): CaptionState[] => states.filter((state) => state.fromSeconds < toSeconds && state.toSeconds > fromSeconds);

/** Scripts without spaces between words. */
const UNSPACED =
  "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}]";
const BETWEEN_UNSPACED = new RegExp(`${UNSPACED}\\p{P}?\u0000(?=${UNSPACED})`, "gu");

function joined(words: readonly Word[]): string {
  const marked = words.map(({ text }) => text.replaceAll("\u0000", "").trim()).join("\u0000");
  return marked.replace(BETWEEN_UNSPACED, (end) => end.slice(0, -1)).replaceAll("\u0000", " ");
}
