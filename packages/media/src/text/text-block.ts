import { breakLines, type Line, type Measure, widestPiece } from "./break-lines.js";
import type { TextStyle } from "./style.js";

/** A text in lines, in pixels, without a position on the canvas. */
export interface TextBlock {
  lines: (Line & { width: number })[];
  fontSize: number;
  /** Around the lines, at the sides and above and below. */
  inset: { x: number; y: number };
  /** Including what surrounds the lines: the padding of a box, or an outline. */
  width: number;
  height: number;
}

/** Texts shown at the same place one after the other, in one font size, as far as their words have room. */
export interface TextBlocks {
  /** In pixels, as the following. */
  fontSize: number;
  blocks: TextBlock[];
  /** Of the widest and of the highest block. */
  width: number;
  height: number;
}

/** Width of a line in pixels at a font size in pixels. */
export type MeasureAt = (fontSize: number, line: string) => number;

/** Height of a line relative to the font size: room for the marks above and below letters of any script. */
export const LINE_HEIGHT = 1.3;
/** Part of it above capitals and below the baseline: a box's padding is measured from the letters. */
const LEADING = 0.25;
const SMALLEST_FONT = 4;

/** How texts are put into lines. */
export interface LineFilling {
  /** `breakLines` or `balanceLines`. */
  breaking(text: string, maxWidth: number, measure: Measure): Line[];
  /**
   * The smallest size, relative to the others', of a text with a word that is wider than a line. Words that are still
   * wider are cut. 1: they are all cut.
   */
  smallest: number;
}

const CUT: LineFilling = { breaking: breakLines, smallest: 1 };

/** The font size that gives lines of the style's height. */
export const wantedFontSize = ({ size }: TextStyle, canvas: { width: number; height: number }): number =>
  Math.max((size * Math.min(canvas.width, canvas.height)) / LINE_HEIGHT, SMALLEST_FONT);

/** Font sizes are tried in steps of 2 %. */
const STEP = 0.98;

/**
 * Breaks texts into lines for a canvas; may be called repeatedly. Their size is given by the height of a line; if a
 * text then exceeds the width between the margins, or `maxHeight` pixels, all of them are made smaller until they fit.
 */
export function fitBlocks(
  texts: readonly string[],
  style: TextStyle,
  canvas: { width: number; height: number },
  measure: MeasureAt,
  filling: LineFilling = CUT,
): (maxHeight: number) => TextBlocks {
  const wanted = wantedFontSize(style, canvas);
  const steps = Math.ceil(Math.log(SMALLEST_FONT / wanted) / Math.log(STEP));
  const tried = new Map<number, TextBlocks & { tooWide: boolean }>();
  const attempt = (step: number) => {
    const blocks =
      tried.get(step) ?? layOut(texts, style, canvas, { measure, filling, fontSize: wanted * STEP ** step });
    tried.set(step, blocks);
    return blocks;
  };
  return (maxHeight) => {
    const fits = (step: number) => !attempt(step).tooWide && attempt(step).height <= maxHeight;
    if (fits(0)) return attempt(0);
    let [tooLarge, small] = [0, steps];
    while (small - tooLarge > 1) {
      const middle = Math.floor((tooLarge + small) / 2);
      if (fits(middle)) small = middle;
      else tooLarge = middle;
    }
    return attempt(small);
  };
}

function layOut(
  texts: readonly string[],
  style: TextStyle,
  canvas: { width: number },
  { measure, filling, fontSize }: { measure: MeasureAt; filling: LineFilling; fontSize: number },
): TextBlocks & { tooWide: boolean } {
  let tooWide = false;
  const blocks = texts.map((text): TextBlock => {
    const size = filling.smallest < 1 ? sizeForWords(text, style, canvas, { measure, filling, fontSize }) : fontSize;
    const inset = insetOf(style, size);
    const maxWidth = lineWidth(style, canvas, size);
    const broken = filling.breaking(text, maxWidth, (line) => measure(size, line));
    const lines = broken.map((line) => ({ ...line, width: measure(size, line.text) }));
    const textWidth = Math.max(0, ...lines.map(({ width }) => width));
    tooWide ||= textWidth > maxWidth;
    const height = lines.length * LINE_HEIGHT * size + 2 * inset.y;
    return { lines, fontSize: size, inset, width: textWidth + 2 * inset.x, height };
  });
  const width = Math.max(0, ...blocks.map((block) => block.width));
  const height = Math.max(0, ...blocks.map((block) => block.height));
  return { fontSize, blocks, width, height, tooWide };
}

/** Font sizes are not exactly proportional to widths: hinting. */
const SLACK = 0.99;

/** The font size at which the widest word of a text has room in a line, if it is not too small. */
function sizeForWords(
  text: string,
  style: TextStyle,
  canvas: { width: number },
  { measure, filling, fontSize }: { measure: MeasureAt; filling: LineFilling; fontSize: number },
): number {
  const widest = widestPiece(text, (piece) => measure(fontSize, piece));
  if (widest <= lineWidth(style, canvas, fontSize)) return fontSize;
  const around = 2 * insetOf(style, fontSize).x;
  const fitting = (SLACK * fontSize * (lineWidth(style, canvas, fontSize) + around)) / (widest + around);
  return Math.max(fitting, filling.smallest * fontSize);
}

/** Maximum width of lines in pixels. */
export const lineWidth = (style: TextStyle, canvas: { width: number }, fontSize: number): number =>
  Math.max(1, Math.min(style.maxWidth, widthWithin(style.margins)) * canvas.width - 2 * insetOf(style, fontSize).x);

const widthWithin = ({ left, right }: TextStyle["margins"]): number => 1 - left - right;

function insetOf({ box, outline }: TextStyle, fontSize: number): { x: number; y: number } {
  const around = (box ? box.padding : (outline?.width ?? 0)) * LINE_HEIGHT * fontSize;
  return { x: around, y: Math.max(0, around - LEADING * fontSize) };
}
