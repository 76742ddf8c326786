import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Highlight } from "./caption-style.js";
import { contrasting } from "./contrast.js";
import { type PlacedRun, placeRuns } from "./draw-line.js";
import type { TextFont } from "./fonts.js";
import type { WordLook, WordRange } from "./phrase-looks.js";
import { LINE_HEIGHT } from "./text-block.js";
import { type Colour, cssColour } from "./text-colour.js";
import { BASELINE, type TextLayout } from "./text-layout.js";

/** What of a phrase is drawn; a text that is no caption is drawn whole. */
export interface PaintedWords extends WordLook {
  highlight?: Highlight;
}

export const WHOLE: PaintedWords = { shown: Number.POSITIVE_INFINITY };

/** A run with everything that distinguishes it from the rest of its text. */
export interface RunToDraw extends PlacedRun {
  /** Instead of the text's. */
  colour?: Colour;
  /** Of a box behind it, which takes the outline's place. */
  boxed?: Colour;
  /** The extent of its word in this line. */
  extent?: Extent;
  scale?: number;
}

interface Extent {
  left: number;
  right: number;
  /** Half the height of capitals. */
  middle: number;
}

/** The runs of a text that are visible, line by line. */
export function runsToDraw(
  context: SKRSContext2D,
  { lines, fontSize }: TextLayout,
  font: TextFont,
  { shown, highlighted, growing, highlight }: PaintedWords,
): RunToDraw[] {
  return lines.flatMap((line) => {
    const runs = placeRuns(context, line, { font, fontSize });
    return runs.flatMap((run): RunToDraw[] => {
      if (run.word === undefined) return line.words ? [] : [run];
      if (run.word >= shown) return [];
      const painted = highlight && isIn(highlighted, run.word) ? paintOf(highlight) : {};
      const scale = growing && isIn(growing, run.word) ? { scale: growing.scale } : {};
      return [{ ...run, ...painted, ...scale, extent: extentOf(run, runs, fontSize) }];
    });
  });
}

const isIn = (range: WordRange | undefined, word: number): boolean =>
  range !== undefined && word >= range.first && word < range.end;

/** The contrast of black and white, for which a colour is opaque. */
const OPAQUE = 21;

const paintOf = ({ colour, shape }: Highlight) =>
  shape === "letters" ? { colour } : { colour: contrasting(colour, OPAQUE), boxed: colour };

function extentOf({ word, baseline }: PlacedRun, runs: readonly PlacedRun[], fontSize: number): Extent {
  const own = runs.filter((run) => run.word === word);
  return {
    left: Math.min(...own.map(({ left }) => left)),
    right: Math.max(...own.map(({ left, width }) => left + width)),
    middle: baseline - BASELINE * fontSize,
  };
}

/** Draws with the run's word scaled around its own centre. */
export function drawScaled(context: SKRSContext2D, { scale = 1, extent }: RunToDraw, draw: () => void): void {
  if (scale === 1 || !extent) {
    draw();
    return;
  }
  const [x, y] = [(extent.left + extent.right) / 2, extent.middle];
  context.save();
  context.translate(x, y);
  context.scale(scale, scale);
  context.translate(-x, -y);
  draw();
  context.restore();
}

/** Of a box around a word, relative to the font size; narrower than half a space, so that boxes don't touch words. */
const WORD_BOX = { padding: 0.11, height: 0.98 * LINE_HEIGHT, radius: 0.18 };

/** Boxes behind highlighted words, one in each line. */
export function drawWordBoxes(
  context: SKRSContext2D,
  { image, fontSize }: TextLayout,
  runs: readonly RunToDraw[],
): void {
  const height = WORD_BOX.height * fontSize;
  const drawn = new Set<string>();
  context.save();
  context.translate(-image.x, -image.y);
  for (const run of runs) {
    const { boxed, extent } = run;
    if (!boxed || !extent) continue;
    const place = `${extent.middle} ${extent.left}`;
    if (drawn.has(place)) continue;
    drawn.add(place);
    const left = extent.left - WORD_BOX.padding * fontSize;
    const width = extent.right - extent.left + 2 * WORD_BOX.padding * fontSize;
    context.fillStyle = cssColour(boxed);
    drawScaled(context, run, () => {
      context.beginPath();
      context.roundRect(left, extent.middle - height / 2, width, height, WORD_BOX.radius * fontSize);
      context.fill();
    });
  }
  context.restore();
}
