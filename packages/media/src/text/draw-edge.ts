import type { SKRSContext2D } from "@napi-rs/canvas";
import type { Edge } from "./edge.js";
import type { CanvasLibrary } from "./fonts.js";
import { cssColour } from "./text-colour.js";

/** A stroke wider than the curve it follows leaves gaps beside it, which narrower ones fill. */
const STROKES = [1 / 3, 2 / 3, 1];

/** Draws an edge around what `stroke` strokes on the context that it is given. */
export function drawEdge(
  context: SKRSContext2D,
  { colour, reach, blur }: Edge,
  { createCanvas }: Pick<CanvasLibrary, "createCanvas">,
  stroke: (context: SKRSContext2D) => void,
): void {
  // Opaque at first: where the strokes of two letters meet, they would be darker.
  const layer = createCanvas(context.canvas.width, context.canvas.height);
  const strokes = layer.getContext("2d");
  strokes.lineJoin = "round";
  strokes.strokeStyle = cssColour({ ...colour, alpha: 1 });
  strokes.shadowColor = strokes.strokeStyle;
  strokes.shadowBlur = blur;
  for (const part of STROKES) {
    // Half of a stroke lies inside the letter.
    strokes.lineWidth = 2 * part * reach;
    stroke(strokes);
  }
  context.save();
  context.globalAlpha = colour.alpha;
  context.drawImage(layer, 0, 0);
  context.restore();
}
