import type { SKRSContext2D } from "@napi-rs/canvas";
import { drawEdge } from "./draw-edge.js";
import { drawRun } from "./draw-line.js";
import { drawScaled, drawWordBoxes, type PaintedWords, type RunToDraw, runsToDraw, WHOLE } from "./draw-words.js";
import type { CanvasLibrary, TextFont } from "./fonts.js";
import type { TextStyle } from "./style.js";
import { LINE_HEIGHT } from "./text-block.js";
import { type Colour, cssColour } from "./text-colour.js";
import type { TextLayout } from "./text-layout.js";

type Library = Pick<CanvasLibrary, "createCanvas">;
type Look = Pick<TextStyle, "colour" | "box" | "outline" | "shadow">;

/** Draws a laid-out text on the context of a canvas of the layout's image; of captions, words as they look at a time. */
export function drawText(
  context: SKRSContext2D,
  layout: TextLayout,
  look: Look,
  font: TextFont,
  library: Library,
  words: PaintedWords = WHOLE,
): void {
  const { image } = layout;
  if (look.box && layout.box) drawBox(context, layout, look.box.colour);
  const runs = runsToDraw(context, layout, font, words);
  drawWordBoxes(context, layout, runs);
  if (!look.shadow) {
    drawLetters(context, layout, runs, look, font, library);
    return;
  }
  // The shadow is cast by letters and outlines together, so they are composed first.
  const letters = library.createCanvas(image.width, image.height);
  drawLetters(letters.getContext("2d"), layout, runs, look, font, library);
  const lineHeight = LINE_HEIGHT * layout.fontSize;
  context.save();
  context.shadowColor = cssColour(look.shadow.colour);
  context.shadowBlur = look.shadow.blur * lineHeight;
  context.shadowOffsetX = look.shadow.offset * lineHeight;
  context.shadowOffsetY = look.shadow.offset * lineHeight;
  context.drawImage(letters, 0, 0);
  context.restore();
}

function drawBox(context: SKRSContext2D, { box, image }: TextLayout, colour: Colour): void {
  if (!box) return;
  context.fillStyle = cssColour(colour);
  context.beginPath();
  context.roundRect(box.x - image.x, box.y - image.y, box.width, box.height, box.radius);
  context.fill();
}

function drawLetters(
  context: SKRSContext2D,
  { image, fontSize, edge }: TextLayout,
  runs: readonly RunToDraw[],
  look: Look,
  font: TextFont,
  library: Library,
): void {
  const sized = { font, fontSize };
  const draw = (on: SKRSContext2D, run: RunToDraw, how: "fillText" | "strokeText") => {
    on.save();
    on.translate(-image.x, -image.y);
    drawScaled(on, run, () => drawRun(on, run, sized, how));
    on.restore();
  };
  // All outlines before all letters: a line's outline must not cover the line above it.
  const stroke = (on: SKRSContext2D) => {
    for (const run of runs) if (!run.boxed) draw(on, run, "strokeText");
  };
  if (look.outline) {
    if (look.outline.width > 0) {
      context.lineJoin = "round";
      // Half of a stroke lies inside the letter.
      context.lineWidth = 2 * look.outline.width * LINE_HEIGHT * fontSize;
      context.strokeStyle = cssColour(look.outline.colour);
      stroke(context);
    }
  } else if (edge) drawEdge(context, edge, library, stroke);
  for (const run of runs) {
    context.fillStyle = cssColour(run.colour ?? look.colour);
    draw(context, run, "fillText");
  }
}
