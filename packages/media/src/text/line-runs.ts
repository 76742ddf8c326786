import bidiFactory, { type Bidi } from "bidi-js";
import type { Line } from "./break-lines.js";
import { type EmojiPart, emojiParts } from "./emoji.js";

/** A part of a line that is drawn at once: one emoji, or text between emoji. */
export interface LineRun extends EmojiPart {
  direction: Line["direction"];
}

// The package is CommonJS whose export is the factory itself; its types declare an ES default export.
const bidi = (bidiFactory as unknown as () => Bidi)();

/**
 * The runs of a line from left to right. A line without emoji is one run, ordered internally by the drawing library;
 * others are put in visual order by the Unicode bidirectional algorithm (UAX #9), so that emoji can be drawn
 * separately.
 */
export function visualRuns({ text, direction }: Line): LineRun[] {
  const parts = emojiParts(text);
  if (parts.length <= 1) return parts.map((part) => ({ ...part, direction }));
  // The package treats halves of surrogate pairs as letters; for the algorithm emoji are neutral, like U+FFFC.
  const neutral = parts.map((part) => (part.emoji ? "\ufffc".repeat(part.text.length) : part.text)).join("");
  const { levels } = bidi.getEmbeddingLevels(neutral, direction);
  const runs: (LineRun & { level: number })[] = [];
  let start = 0;
  for (const { text: whole, emoji } of parts) {
    const end = start + whole.length;
    while (start < end) {
      const level = levels[start] ?? 0;
      let next = start + 1;
      while (next < end && (emoji || levels[next] === level)) next++;
      runs.push({ text: text.slice(start, next), emoji, level, direction: level % 2 === 1 ? "rtl" : "ltr" });
      start = next;
    }
  }
  return reordered(runs).map(({ level: _, ...run }) => run);
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
