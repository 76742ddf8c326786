import { PolyreelError } from "@polyreel/platform";
import type { Align, Margins, Position } from "./style.js";

type Size = { width: number; height: number };

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A text to be placed on the canvas. */
export interface Placeable<Block extends Size> {
  /** How errors name it: "texts[0]". */
  field: string;
  position: Position;
  align: Align;
  margins: Margins;
  /** From there to the right and down, relative to the canvas's width and height. */
  offset: { x: number; y: number };
  /** Visible from here to `toSeconds`, exclusive; always by default. Texts can lie where others lie before or after. */
  fromSeconds?: number;
  toSeconds?: number;
  /** The text at its wanted size, or smaller to fit a maximum height in pixels. */
  block(maxHeight: number): Block;
}

export interface Placed<Block> {
  block: Block;
  /** In pixels from the canvas's upper left corner. */
  area: Rectangle;
}

/** Between two texts, relative to the canvas's shorter side. */
const GAP = 0.02;
/** Minimum height of a text, relative to the canvas: smaller ones would be illegible. */
const LOWEST = 0.01;

/**
 * Places texts. Texts that would overlap at the same position and time are stacked, the first one outermost at top and bottom
 * and uppermost in the center; if that is too high, the highest are shrunk until all fit. Throws PolyreelError
 * `invalid` if they would become illegible, or if an offset pushes one out of the canvas.
 */
export function placeTexts<Block extends Size>(texts: readonly Placeable<Block>[], canvas: Canvas): Placed<Block>[] {
  const placed = stackThatFits(texts, canvas);
  texts.forEach(({ field, offset }, i) => {
    const area = placed[i]?.area;
    if (area && (offset.x !== 0 || offset.y !== 0) && !isWithin(area, canvas)) throw pushedOut(field);
  });
  return placed;
}

function stackThatFits<Block extends Size>(texts: readonly Placeable<Block>[], canvas: Canvas): Placed<Block>[] {
  const attempt = (maxHeight: number): Placed<Block>[] => {
    const blocks = texts.map((text) => text.block(Math.min(maxHeight, heightWithin(text.margins, canvas))));
    return stack(texts, blocks, canvas);
  };
  let placed = attempt(canvas.height);
  if (haveRoom(texts, placed, canvas)) return placed;
  const lowest = LOWEST * canvas.height;
  placed = attempt(lowest);
  if (!haveRoom(texts, placed, canvas)) throw tooMuch(texts.length);
  for (let low = lowest, high = canvas.height; high / low > 1.02; ) {
    const middle = Math.sqrt(low * high);
    const tried = attempt(middle);
    if (haveRoom(texts, tried, canvas)) {
      placed = tried;
      low = middle;
    } else high = middle;
  }
  return placed;
}

const isWithin = ({ x, y, width, height }: Rectangle, canvas: Canvas): boolean =>
  x >= -ROUNDING && y >= -ROUNDING && x + width <= canvas.width + ROUNDING && y + height <= canvas.height + ROUNDING;

const pushedOut = (field: string): PolyreelError =>
  new PolyreelError("invalid", {
    field,
    reason: "The text's offset pushes it out of the canvas.",
    remedy: "Use a smaller offset, another position, or a smaller text.",
  });

const tooMuch = (texts: number): PolyreelError =>
  new PolyreelError("invalid", {
    reason:
      texts > 1
        ? `The ${texts} texts over the clip don't fit on the canvas.`
        : "The text over the clip doesn't fit on the canvas.",
    remedy: "Use fewer or shorter texts, other positions, or a smaller safe area.",
  });

type Texts = readonly Placeable<Size>[];
type Canvas = Size;

/** Stacks those of the same position and offset. */
function stack<Block extends Size>(
  texts: readonly Placeable<Block>[],
  blocks: readonly Block[],
  canvas: Canvas,
): Placed<Block>[] {
  const areas: Rectangle[] = [];
  const placeOf = ({ position, offset: { x, y } }: Placeable<Block>) => `${position} ${x} ${y}`;
  for (const place of new Set(texts.map(placeOf))) {
    const stacked = texts.flatMap((text, i) => (placeOf(text) === place ? [{ text, i, block: blocks[i] }] : []));
    for (const [k, area] of areasOf(stacked, canvas).entries()) {
      const { text, i } = stacked[k] ?? {};
      if (!text || i === undefined) continue;
      areas[i] = { ...area, x: area.x + text.offset.x * canvas.width, y: area.y + text.offset.y * canvas.height };
    }
  }
  return blocks.flatMap((block, i) => {
    const area = areas[i];
    return area ? [{ block, area }] : [];
  });
}

/** Areas of texts at the same position, without their offset. */
function areasOf(stacked: readonly { text: Placeable<Size>; block: Size | undefined }[], canvas: Canvas): Rectangle[] {
  const gap = gapOf(canvas);
  const areas: Rectangle[] = [];
  // Each as far out as possible; in the center starting from its upper edge.
  for (const { text, block } of stacked) {
    const { position, align, margins } = text;
    const { width = 0, height = 0 } = block ?? {};
    const area = { x: left(align, margins, width, canvas), y: 0, width, height };
    if (position === "top") area.y = margins.top * canvas.height;
    if (position === "bottom") area.y = (1 - margins.bottom) * canvas.height - height;
    const others = areas.filter((_, j) => areTogether(stacked[j]?.text, text));
    for (const other of inOrder(others, position)) {
      if (!overlap(area, other, gap)) continue;
      area.y = position === "bottom" ? other.y - gap - height : other.y + other.height + gap;
    }
    areas.push(area);
  }
  if (stacked[0]?.text.position !== "center") return areas;
  for (const column of columns(stacked.flatMap(({ text }, i) => (areas[i] ? [{ text, area: areas[i] }] : [])))) {
    const middle = column.reduce((sum, { text }) => sum + middleOf(text.margins, canvas), 0) / column.length;
    const down = middle - Math.max(...column.map(({ area: { y, height } }) => y + height)) / 2;
    for (const { area } of column) area.y += down;
  }
  return areas;
}

/** From the outermost inwards, so that texts pushed inwards displace the rest in turn. */
const inOrder = (areas: readonly Rectangle[], position: Position): Rectangle[] =>
  areas.toSorted((a, b) => (position === "bottom" ? b.y + b.height - a.y - a.height : a.y - b.y));

interface Laid {
  text: Placeable<Size>;
  area: Rectangle;
}

/** Groups texts that overlap horizontally and in time, and so are stacked; others are independent. */
function columns(texts: readonly Laid[]): Laid[][] {
  let found: Laid[][] = [];
  for (const one of texts) {
    const { x, width } = one.area;
    const apart = (column: Laid[]) =>
      column.every(({ text, area }) => area.x >= x + width || x >= area.x + area.width || !areTogether(text, one.text));
    const met = found.filter((column) => !apart(column));
    found = [...found.filter(apart), [...met.flat(), one]];
  }
  return found;
}

type Times = Pick<Placeable<Size>, "fromSeconds" | "toSeconds">;

/** Whether two texts are visible at the same time. */
const areTogether = (one: Times = {}, other: Times = {}): boolean =>
  Math.max(one.fromSeconds ?? Number.NEGATIVE_INFINITY, other.fromSeconds ?? Number.NEGATIVE_INFINITY) <
  Math.min(one.toSeconds ?? Number.POSITIVE_INFINITY, other.toSeconds ?? Number.POSITIVE_INFINITY);

function left(align: Align, { left, right }: Margins, width: number, canvas: Canvas): number {
  if (align === "left") return left * canvas.width;
  if (align === "right") return (1 - right) * canvas.width - width;
  return ((1 + left - right) * canvas.width - width) / 2;
}

const heightWithin = ({ top, bottom }: Margins, canvas: Canvas): number => (1 - top - bottom) * canvas.height;

/** Between the upper and the lower margin. */
const middleOf = ({ top, bottom }: Margins, canvas: Canvas): number => ((1 + top - bottom) * canvas.height) / 2;

/** A little less than the gap: sums of fractions are not exact. */
const ROUNDING = 0.01;

const overlap = (a: Rectangle, b: Rectangle, gap: number): boolean =>
  a.x < b.x + b.width &&
  b.x < a.x + a.width &&
  a.y < b.y + b.height + gap - ROUNDING &&
  b.y < a.y + a.height + gap - ROUNDING;

function haveRoom(texts: Texts, placed: readonly Placed<unknown>[], canvas: Canvas): boolean {
  const gap = gapOf(canvas);
  return placed.every(({ area }, i) => {
    const { margins: { top = 0, bottom = 0 } = {}, offset } = texts[i] ?? {};
    // An offset may lead out of the safe area.
    const y = area.y - (offset?.y ?? 0) * canvas.height;
    if (y < top * canvas.height - ROUNDING || y + area.height > (1 - bottom) * canvas.height + ROUNDING) return false;
    return placed.slice(0, i).every((other, j) => !areTogether(texts[i], texts[j]) || !overlap(area, other.area, gap));
  });
}

const gapOf = ({ width, height }: Canvas): number => GAP * Math.min(width, height);
