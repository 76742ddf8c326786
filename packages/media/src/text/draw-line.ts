import type { SKRSContext2D } from "@napi-rs/canvas";
import { emojiParts } from "./emoji.js";
import { emojiFontOf, fontOf, type TextFont } from "./fonts.js";
import { type LineRun, visualRuns } from "./line-runs.js";
import type { PlacedLine } from "./text-layout.js";

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

/** A run of a line in its place, in pixels. */
export interface PlacedRun extends LineRun {
  left: number;
  width: number;
  baseline: number;
}

/** The runs of a line, from left to right. */
export function placeRuns(context: SKRSContext2D, line: PlacedLine, sized: SizedFont): PlacedRun[] {
  const { x, baseline } = line;
  let left = line.direction === "rtl" ? x - measureLine(context, line.text, sized) : x;
  return visualRuns(line).map((run) => {
    const width = measureRun(context, run, sized);
    left += width;
    return { ...run, left: left - width, width, baseline };
  });
}

export function drawRun(
  context: SKRSContext2D,
  { text, direction, emoji, left, baseline }: PlacedRun,
  { font, fontSize }: SizedFont,
  draw: "fillText" | "strokeText",
): void {
  context.direction = emoji ? "ltr" : direction;
  context.textAlign = "left";
  if (emoji) drawEmoji(context, text, { left, baseline, fontSize, font }, draw);
  else {
    context.font = fontOf(font, fontSize);
    context[draw](text, left, baseline);
  }
}

function measureRun(
  context: SKRSContext2D,
  { text, direction, emoji }: LineRun,
  { font, fontSize }: SizedFont,
): number {
  context.direction = emoji ? "ltr" : direction;
  return emoji ? measureEmoji(context, text, { font, fontSize }) : measure(context, text, fontOf(font, fontSize));
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
