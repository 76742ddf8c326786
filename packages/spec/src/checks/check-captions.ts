import { type TextBlock, TextStyle } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { hasCaptions, highlights } from "../text-styles.js";

/** Checks that a text block's settings of captions have an effect. `at` is the text block's own path. */
export function checkCaptions(block: TextBlock, at: string): Mistake[] {
  const highlight = block.highlight || block.highlightShape ? [block.highlight ? "highlight" : "highlightShape"] : [];
  const set = [...highlight, ...(["words", "lines"] as const).filter((name) => block[name] !== undefined)];
  if (!hasCaptions(block)) {
    return set.map((name) => ({
      field: `${at}.${name}`,
      reason: `The block has ${name}, which is for captions, and none of its choices are captions.`,
      remedy: `Leave ${name} out, or give a choice captions: the name of a voice block.`,
    }));
  }
  if (highlights(block.style)) return [];
  const because = block.style
    ? `the style ${TextStyle[block.style].toLowerCase()} highlights no word`
    : "captions without a style highlight no word";
  return highlight.map((name) => ({
    field: `${at}.${name}`,
    reason: `The block has ${name}, but ${because}.`,
    remedy: `Use the style karaoke or bold_pop, or leave ${name} out.`,
  }));
}
