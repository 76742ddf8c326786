import bidiFactory, { type Bidi } from "bidi-js";
import type { Line } from "./break-lines.js";
import { type EmojiPart, emojiParts } from "./emoji.js";
import type { WordSpan } from "./word-spans.js";

/** A part of a line that is drawn at once: one emoji, or text between emoji; of one word, if words are drawn separately. */
export interface LineRun extends LinePart {
  direction: Line["direction"];
}

interface LinePart extends EmojiPart {
  /** Index of the word; undefined between words. */
  word?: number;
}

// The package is CommonJS whose export is the factory itself; its types declare an ES default export.
const bidi = (bidiFactory as unknown as () => Bidi)();

/**
 * The runs of a line from left to right. A line without emoji and words is one run, ordered internally by the drawing
 * library; others are put in visual order by the Unicode bidirectional algorithm (UAX #9), so that emoji and words can
 * be drawn separately. Letters join, and kern, only within words: apart they have the same shapes and places.
 */
export function visualRuns({ text, direction, words = [] }: Line & { words?: readonly WordSpan[] }): LineRun[] {
  const parts = partsOf(text, words);
  if (parts.length <= 1) return parts.map((part) => ({ ...part, direction }));
  // The package treats halves of surrogate pairs as letters; for the algorithm emoji are neutral, like U+FFFC.
  const neutral = parts.map((part) => (part.emoji ? "\ufffc".repeat(part.text.length) : part.text)).join("");
  const { levels } = bidi.getEmbeddingLevels(neutral, direction);
  const runs: (LineRun & { level: number })[] = [];
  let start = 0;
  for (const { text: whole, ...part } of parts) {
    const end = start + whole.length;
    while (start < end) {
      const level = levels[start] ?? 0;
      let next = start + 1;
      while (next < end && (part.emoji || levels[next] === level)) next++;
      runs.push({ ...part, text: text.slice(start, next), level, direction: level % 2 === 1 ? "rtl" : "ltr" });
      start = next;
    }
  }
  return reordered(runs).map(({ level: _, ...run }) => run);
}

/** A line's text, divided at emoji and at both ends of its words. */
function partsOf(text: string, words: readonly WordSpan[]): LinePart[] {
  const parts: LinePart[] = [];
  let before = 0;
  for (const { word, start, end } of words) {
    if (start > before) parts.push(...emojiParts(text.slice(before, start)));
    parts.push(...emojiParts(text.slice(start, end)).map((part) => ({ ...part, word })));
    before = end;
  }
  return before < text.length ? [...parts, ...emojiParts(text.slice(before))] : parts;
}

/** Rule L2: from the highest level down to the lowest odd one, every sequence at that level or above is reversed. */
function reordered<Run extends { level: number }>(runs: readonly Run[]): Run[] {
  const order = [...runs];
  for (let level = Math.max(0, ...runs.map((run) => run.level)); level > 0; level--) {
    for (let start = 0; start < order.length; start++) {
      let end = start;
      while ((order[end]?.level ?? -1) >= level) end++;
      if (end - start > 1) order.splice(start, end - start, ...order.slice(start, end).reverse());
      start = Math.max(start, end);
    }
  }
  return order;
}
