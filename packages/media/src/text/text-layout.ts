import type { TextOverlay } from "@polyreel/contract";
import { breakLines, type Line } from "./break-lines.js";

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where everything of a text stands, in pixels from the canvas's upper left corner. */
export interface TextLayout {
  fontSize: number;
  /** Lines are centered on this. */
  centerX: number;
  lines: (Line & { baseline: number })[];
  /** Around all lines. */
  box?: Rectangle & { radius: number };
  /** The part of the canvas that holds all of it; whole pixels. */
  image: Rectangle;
}

/** Width of a line in pixels at a font size in pixels. */
export type MeasureAt = (fontSize: number, line: string) => number;

/** What stays free at every edge of the canvas, relative to its width and height: screens and players cover it. */
const SAFE_MARGIN = 0.06;
/** Height of a line relative to the font size: room for the marks above and below letters of any script. */
const LINE_HEIGHT = 1.3;
/** From the middle of a line down to its baseline: half the height of capitals. */
const BASELINE = 0.36;
/** Between the text and the edge of its box, and how round the box is, relative to the font size. */
const BOX_PADDING = { x: 0.45, y: 0.2 };
const BOX_RADIUS = 0.3;
/** How far outlines, shadows and tall marks may reach beyond the lines, relative to the font size. */
const OVERHANG = 0.5;
const SMALLEST_FONT = 4;

/**
 * Lays out a text on a canvas. Its size is asked for by the height of a line; a text that would then not fit between the
 * margins is made smaller until it does.
 */
export function layOutText(
  overlay: Pick<TextOverlay, "text" | "position" | "size" | "maxWidth" | "boxColor">,
  canvas: { width: number; height: number },
  measure: MeasureAt,
): TextLayout {
  const boxed = overlay.boxColor !== "";
  const wanted = (overlay.size * Math.min(canvas.width, canvas.height)) / LINE_HEIGHT;
  const { fontSize, lines, width, height } = fit(Math.max(wanted, SMALLEST_FONT), (fontSize) => {
    const padding = boxed ? { x: BOX_PADDING.x * fontSize, y: BOX_PADDING.y * fontSize } : { x: 0, y: 0 };
    const maxWidth = Math.min(overlay.maxWidth * canvas.width, canvas.width * (1 - SAFE_MARGIN) - 2 * padding.x);
    const lines = breakLines(overlay.text, maxWidth, (line) => measure(fontSize, line));
    const textWidth = Math.max(0, ...lines.map(({ text }) => measure(fontSize, text)));
    const width = textWidth + 2 * padding.x;
    const height = lines.length * LINE_HEIGHT * fontSize + 2 * padding.y;
    const excess = Math.max(textWidth / maxWidth, height / (canvas.height * (1 - 2 * SAFE_MARGIN)));
    return { fontSize, lines, width, height, excess };
  });
  const x = (canvas.width - width) / 2;
  const y = top(overlay.position, canvas.height, height);
  const textTop = y + (boxed ? BOX_PADDING.y * fontSize : 0);
  return {
    fontSize,
    centerX: canvas.width / 2,
    lines: lines.map((line, i) => ({
      ...line,
      baseline: textTop + ((i + 0.5) * LINE_HEIGHT + BASELINE) * fontSize,
    })),
    ...(boxed && { box: { x, y, width, height, radius: BOX_RADIUS * fontSize } }),
    image: within(canvas, { x, y, width, height }, OVERHANG * fontSize),
  };
}

/** The wanted font size if nothing exceeds its room, else the largest (within 2 %) at which nothing does. */
function fit<Try extends { excess: number }>(wanted: number, attempt: (fontSize: number) => Try): Try {
  const whole = attempt(wanted);
  if (whole.excess <= 1) return whole;
  let fitting = attempt(SMALLEST_FONT);
  for (let low = SMALLEST_FONT, high = wanted; high / low > 1.02; ) {
    const middle = Math.sqrt(low * high);
    const tried = attempt(middle);
    if (tried.excess <= 1) {
      fitting = tried;
      low = middle;
    } else high = middle;
  }
  return fitting;
}

function top(position: string, canvasHeight: number, height: number): number {
  const margin = SAFE_MARGIN * canvasHeight;
  if (position === "top") return margin;
  if (position === "center") return (canvasHeight - height) / 2;
  return canvasHeight - margin - height;
}

/**
 * The rectangle with so much around it, as far as it lies on the canvas. Position and size are even: a picture with halved
 * colour resolution takes an overlay only at whole colour samples.
 */
function within(canvas: { width: number; height: number }, inner: Rectangle, around: number): Rectangle {
  const x = Math.max(0, 2 * Math.floor((inner.x - around) / 2));
  const y = Math.max(0, 2 * Math.floor((inner.y - around) / 2));
  const right = Math.min(canvas.width, 2 * Math.ceil((inner.x + inner.width + around) / 2));
  const bottom = Math.min(canvas.height, 2 * Math.ceil((inner.y + inner.height + around) / 2));
  return { x, y, width: right - x, height: bottom - y };
}
