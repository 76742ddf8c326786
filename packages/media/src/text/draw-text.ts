import type { SKRSContext2D } from "@napi-rs/canvas";
import { type Colour, contrasting, cssColour } from "./colour.js";
import { fontOf } from "./fonts.js";
import type { TextLayout } from "./text-layout.js";

/** Relative to the font size. */
const OUTLINE = { width: 0.14, alpha: 0.55 };
const SHADOW = { blur: 0.18, alpha: 0.5 };

/** Draws a laid-out text. Without a box, an outline and a soft shadow set it off from any picture. */
export function drawText(
  context: SKRSContext2D,
  layout: TextLayout,
  { text, box }: { text: Colour; box: Colour | undefined },
): void {
  context.translate(-layout.image.x, -layout.image.y);
  context.font = fontOf(layout.fontSize);
  context.textAlign = "center";
  if (layout.box && box) {
    const { x, y, width, height, radius } = layout.box;
    context.fillStyle = cssColour(box);
    context.beginPath();
    context.roundRect(x, y, width, height, radius);
    context.fill();
  } else {
    context.lineJoin = "round";
    context.lineWidth = OUTLINE.width * layout.fontSize;
    context.strokeStyle = cssColour(contrasting(text, OUTLINE.alpha));
    context.shadowColor = cssColour(contrasting(text, SHADOW.alpha));
    context.shadowBlur = SHADOW.blur * layout.fontSize;
    // All outlines before all letters: the outline of a line must not lie over the line above it.
    eachLine(layout, context, (line, baseline) => context.strokeText(line, layout.centerX, baseline));
    context.shadowColor = "transparent";
  }
  context.fillStyle = cssColour(text);
  eachLine(layout, context, (line, baseline) => context.fillText(line, layout.centerX, baseline));
}

function eachLine({ lines }: TextLayout, context: SKRSContext2D, draw: (line: string, baseline: number) => void): void {
  for (const { text, direction, baseline } of lines) {
    context.direction = direction;
    draw(text, baseline);
  }
}
