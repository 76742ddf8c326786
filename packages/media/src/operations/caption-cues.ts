import { balanceLines } from "../text/balance-lines.js";
import { breakLines } from "../text/break-lines.js";
import { captionStates } from "../text/captions.js";
import type { Word } from "../text/phrases.js";
import type { Cue } from "./cues.js";

/** A line of speech at its position in the video. */
export interface SpokenLine {
  readonly startSeconds: number;
  /** Times count from the line's start, as reported by engines or estimated by the planner. */
  readonly words: readonly Word[];
}

/** Guideline of broadcasters (BBC, Netflix). A Chinese, Japanese or Korean character counts as two. */
const LINE_WIDTH = 42;
const LINES = 2;

/**
 * The cues of one speaker: the phrases of captions, each from its first word to shortly after its last or to the next
 * phrase, in balanced lines. Phrases after the end of the video are left out.
 */
export function captionCues(spoken: readonly SpokenLine[], videoSeconds: number): Cue[] {
  const words = spoken.flatMap((line) =>
    line.words.map(({ text, startSeconds, endSeconds }) => ({
      text,
      startSeconds: line.startSeconds + startSeconds,
      endSeconds: line.startSeconds + endSeconds,
    })),
  );
  const { phrases, states } = captionStates(words, { fits });
  const shown = new Map<number, { fromSeconds: number; toSeconds: number }>();
  for (const { phrase, fromSeconds, toSeconds } of states) {
    shown.set(phrase, { fromSeconds: shown.get(phrase)?.fromSeconds ?? fromSeconds, toSeconds });
  }
  return [...shown]
    .filter(([, { fromSeconds }]) => fromSeconds < videoSeconds)
    .map(([phrase, { fromSeconds, toSeconds }]) => ({
      startSeconds: fromSeconds,
      endSeconds: Math.min(toSeconds, videoSeconds),
      lines: linesOf(phrases[phrase]?.text ?? ""),
    }));
}

const fits = (phrase: string): boolean =>
  widthOf(phrase) <= LINE_WIDTH || breakLines(phrase, LINE_WIDTH, widthOf).length <= LINES;

const linesOf = (phrase: string): string[] => balanceLines(phrase, LINE_WIDTH, widthOf).map(({ text }) => text);

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
const PLAIN = /^[ -~]*$/;
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/u;

function widthOf(line: string): number {
  if (PLAIN.test(line)) return line.length;
  let width = 0;
  for (const { segment } of graphemes.segment(line)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}
