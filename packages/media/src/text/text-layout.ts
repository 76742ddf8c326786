import type { Line } from "./break-lines.js";
import { type Edge, edgeOf } from "./edge.js";
import type { Rectangle } from "./place-texts.js";
import type { TextStyle } from "./style.js";
import { LINE_HEIGHT, type TextBlock } from "./text-block.js";
import type { WordSpan } from "./word-spans.js";

/** A line by its start: its left end if its direction is left-to-right, otherwise its right end. */
export interface PlacedLine extends Line {
  x: number;
  baseline: number;
  /** Words that are drawn separately; the whole line at once by default. */
  words?: WordSpan[];
}

/** Positions of everything in a text, in pixels from the canvas's upper left corner. */
export interface TextLayout {
  fontSize: number;
  lines: PlacedLine[];
  /** Around all lines. */
  box?: Rectangle & { radius: number };
  edge?: Edge;
  /** The part of the canvas that contains all of it; whole pixels. */
  image: Rectangle;
}

/** From the middle of a line down to its baseline, relative to the font size: half the height of capitals. */
export const BASELINE = 0.36;
/** How far marks may extend beyond the lines, relative to the font size. */
const OVERHANG = 0.5;

/** Positions one of the blocks in their common area, aligned like the area on the canvas. */
export function layOutText(
  block: TextBlock,
  area: Rectangle,
  style: TextStyle,
  canvas: { width: number; height: number },
): TextLayout {
  const { fontSize, inset } = block;
  const x = area.x + (area.width - block.width) * { left: 0, center: 0.5, right: 1 }[style.align];
  const y = area.y + (area.height - block.height) * { top: 0, center: 0.5, bottom: 1 }[style.position];
  const lines = block.lines.map(({ width, ...line }, i) => {
    const free = (block.width - 2 * inset.x - width) * { left: 0, center: 0.5, right: 1 }[style.align];
    const left = x + inset.x + free;
    const baseline = y + inset.y + ((i + 0.5) * LINE_HEIGHT + BASELINE) * fontSize;
    return { ...line, x: line.direction === "rtl" ? left + width : left, baseline };
  });
  const edge = edgeOf(style, fontSize, canvas);
  const around = { x, y, width: block.width, height: block.height };
  return {
    fontSize,
    lines,
    ...(style.box && { box: { ...around, radius: style.box.radius * LINE_HEIGHT * fontSize } }),
    ...(edge && { edge }),
    image: within(
      canvas,
      around,
      Math.max(overhang(style) * fontSize, edge ? edge.reach + BLUR_EXTENT * edge.blur : 0),
    ),
  };
}

/** A blur fades out at 1.5 times its radius. */
const BLUR_EXTENT = 1.5;

const overhang = ({ outline, shadow }: TextStyle): number =>
  OVERHANG + LINE_HEIGHT * ((outline?.width ?? 0) + (shadow ? BLUR_EXTENT * shadow.blur + Math.abs(shadow.offset) : 0));

/**
 * Extends the rectangle and clips it to the canvas. Position and size are even: a picture with subsampled chroma
 * accepts overlays only at whole chroma samples.
 */
function within(canvas: { width: number; height: number }, inner: Rectangle, around: number): Rectangle {
  const x = Math.max(0, 2 * Math.floor((inner.x - around) / 2));
  const y = Math.max(0, 2 * Math.floor((inner.y - around) / 2));
  const right = Math.min(canvas.width, 2 * Math.ceil((inner.x + inner.width + around) / 2));
  const bottom = Math.min(canvas.height, 2 * Math.ceil((inner.y + inner.height + around) / 2));
  return { x, y, width: right - x, height: bottom - y };
}
