import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Line } from "./break-lines.js";
import { emojiParts } from "./emoji.js";
import { emojiFontOf, fontOf, type TextFont } from "./fonts.js";
import { visualRuns } from "./line-runs.js";

/** A font at a size in pixels. */
interface SizedFont {
  font: TextFont;
  fontSize: number;
}

/** Width of a line in pixels. */
export function measureLine(context: SKRSContext2D, text: string, { font, fontSize }: SizedFont): number {
  let width = 0;
  for (const part of emojiParts(text)) {
    width += part.emoji
      ? measureEmoji(context, part.text, { font, fontSize })
      : measure(context, part.text, fontOf(font, fontSize));
  }
  return width;
}

/** Draws a line from its start: its left end if its direction is left-to-right, otherwise its right end. */
export function drawLine(
  context: SKRSContext2D,
  { x, baseline, ...line }: Line & { x: number; baseline: number },
  { font, fontSize }: SizedFont,
  draw: "fillText" | "strokeText",
): void {
  const runs = visualRuns(line);
  let left = line.direction === "rtl" ? x - measureLine(context, line.text, { font, fontSize }) : x;
  for (const { text, direction, emoji } of runs) {
    context.direction = emoji ? "ltr" : direction;
    context.textAlign = "left";
    if (emoji) {
      drawEmoji(context, text, { left, baseline, fontSize, font }, draw);
      left += measureEmoji(context, text, { font, fontSize });
    } else {
      context.font = fontOf(font, fontSize);
      context[draw](text, left, baseline);
      left += context.measureText(text).width;
    }
  }
}

function measure(context: SKRSContext2D, text: string, font: string): number {
  context.font = font;
  return context.measureText(text).width;
}

/**
 * The library shapes text word by word, and starts a new word at every character that is an emoji by default: a heart
 * or a flag, which are not, would be separated from what is joined to them, unless another emoji precedes them. So one
 * is drawn out of sight.
 */
const LEAD_IN = "\u{1f600}";
const NEEDS_LEAD_IN = /^(?!\p{Emoji_Presentation}).+\u200d\p{Emoji_Presentation}/su;

function measureEmoji(context: SKRSContext2D, text: string, { font, fontSize }: SizedFont): number {
  const family = emojiFontOf(font, fontSize);
  if (!NEEDS_LEAD_IN.test(text)) return measure(context, text, family);
  return measure(context, LEAD_IN + text, family) - measure(context, LEAD_IN, family);
}

function drawEmoji(
  context: SKRSContext2D,
  text: string,
  { left, baseline, font, fontSize }: SizedFont & { left: number; baseline: number },
  draw: "fillText" | "strokeText",
): void {
  context.font = emojiFontOf(font, fontSize);
  if (!NEEDS_LEAD_IN.test(text)) {
    context[draw](text, left, baseline);
    return;
  }
  const leadIn = context.measureText(LEAD_IN).width;
  context.save();
  context.beginPath();
  context.rect(left, baseline - 3 * fontSize, 4 * fontSize, 6 * fontSize);
  context.clip();
  context[draw](LEAD_IN + text, left - leadIn, baseline);
  context.restore();
}
