import type { SKRSContext2D } from "@napi-rs/canvas";
import { drawRun } from "./draw-line.js";
import { drawScaled, drawWordBoxes, type PaintedWords, type RunToDraw, runsToDraw, WHOLE } from "./draw-words.js";
import type { CanvasLibrary, TextFont } from "./fonts.js";
import type { TextStyle } from "./style.js";
import { LINE_HEIGHT } from "./text-block.js";
import { type Colour, contrasting, cssColour } from "./text-colour.js";
import type { TextLayout } from "./text-layout.js";

/** Default outline and shadow, relative to the font size, which keep text legible on any picture. */
const SET_OFF = { width: 0.14, outlineAlpha: 0.55, blur: 0.18, shadowAlpha: 0.5 };

type Look = Pick<TextStyle, "colour" | "box" | "outline" | "shadow">;

/** Draws a laid-out text on the context of a canvas of the layout's image; of captions, words as they look at a time. */
export function drawText(
  context: SKRSContext2D,
  layout: TextLayout,
  look: Look,
  font: TextFont,
  { createCanvas }: Pick<CanvasLibrary, "createCanvas">,
  words: PaintedWords = WHOLE,
): void {
  const { image } = layout;
  if (look.box && layout.box) drawBox(context, layout, look.box.colour);
  const runs = runsToDraw(context, layout, font, words);
  drawWordBoxes(context, layout, runs);
  if (!look.shadow) {
    drawLetters(context, layout, runs, look, font);
    return;
  }
  // The shadow is cast by letters and outlines together, so they are composed first.
  const letters = createCanvas(image.width, image.height);
  drawLetters(letters.getContext("2d"), layout, runs, look, font);
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
  layout: TextLayout,
  runs: readonly RunToDraw[],
  look: Look,
  font: TextFont,
): void {
  context.save();
  context.translate(-layout.image.x, -layout.image.y);
  context.lineJoin = "round";
  if (look.outline) {
    // Half of a stroke lies inside the letter.
    context.lineWidth = 2 * look.outline.width * LINE_HEIGHT * layout.fontSize;
    context.strokeStyle = cssColour(look.outline.colour);
  } else if (!look.box && !look.shadow) {
    context.lineWidth = SET_OFF.width * layout.fontSize;
    context.strokeStyle = cssColour(contrasting(look.colour, SET_OFF.outlineAlpha));
    context.shadowColor = cssColour(contrasting(look.colour, SET_OFF.shadowAlpha));
    context.shadowBlur = SET_OFF.blur * layout.fontSize;
  }
  const outlined = look.outline ? look.outline.width > 0 : !look.box && !look.shadow;
  // All outlines before all letters: a line's outline must not cover the line above it.
  const sized = { font, fontSize: layout.fontSize };
  if (outlined) {
    for (const run of runs) if (!run.boxed) drawScaled(context, run, () => drawRun(context, run, sized, "strokeText"));
  }
  context.shadowColor = "transparent";
  for (const run of runs) {
    context.fillStyle = cssColour(run.colour ?? look.colour);
    drawScaled(context, run, () => drawRun(context, run, sized, "fillText"));
  }
  context.restore();
}
