import type { SKRSContext2D } from "@napi-rs/canvas";
import { drawEdge } from "./draw-edge.js";
import { drawLine } from "./draw-line.js";
import type { CanvasLibrary, TextFont } from "./fonts.js";
import type { TextStyle } from "./style.js";
import { LINE_HEIGHT } from "./text-block.js";
import { type Colour, cssColour } from "./text-colour.js";
import type { TextLayout } from "./text-layout.js";

type Library = Pick<CanvasLibrary, "createCanvas">;
type Look = Pick<TextStyle, "colour" | "box" | "outline" | "shadow">;

/** Draws a laid-out text on the context of a canvas of the layout's image. */
export function drawText(
  context: SKRSContext2D,
  layout: TextLayout,
  look: Look,
  font: TextFont,
  library: Library,
): void {
  const { image } = layout;
  if (look.box && layout.box) drawBox(context, layout, look.box.colour);
  if (!look.shadow) {
    drawLetters(context, layout, look, font, library);
    return;
  }
  // The shadow is cast by letters and outlines together, so they are composed first.
  const letters = library.createCanvas(image.width, image.height);
  drawLetters(letters.getContext("2d"), layout, look, font, library);
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

function drawLetters(context: SKRSContext2D, layout: TextLayout, look: Look, font: TextFont, library: Library): void {
  const { image, lines, fontSize, edge } = layout;
  // All outlines before all letters: a line's outline must not cover the line above it.
  const draw = (on: SKRSContext2D, how: "fillText" | "strokeText") => {
    on.save();
    on.translate(-image.x, -image.y);
    for (const line of lines) drawLine(on, line, { font, fontSize }, how);
    on.restore();
  };
  if (look.outline) {
    if (look.outline.width > 0) {
      context.lineJoin = "round";
      // Half of a stroke lies inside the letter.
      context.lineWidth = 2 * look.outline.width * LINE_HEIGHT * fontSize;
      context.strokeStyle = cssColour(look.outline.colour);
      draw(context, "strokeText");
    }
  } else if (edge) drawEdge(context, edge, library, (layer) => draw(layer, "strokeText"));
  context.fillStyle = cssColour(look.colour);
  draw(context, "fillText");
}
