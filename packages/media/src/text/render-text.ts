import type { TextOverlay } from "@polyreel/contract";
import { parseColour } from "./colour.js";
import { drawText } from "./draw-text.js";
import { fontOf, loadCanvas } from "./fonts.js";
import { refuseMissingGlyphs } from "./missing-glyphs.js";
import { layOutText } from "./text-layout.js";

/** A picture that lies over a canvas: PNG with alpha, and where it lies, in pixels (all even on an even canvas). */
export interface TextPicture {
  png: Buffer;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Anything but spaces and controls. */
const DRAWN = /[^\p{Z}\p{Cc}\p{Cf}]/u;

/**
 * Draws a text for a canvas; undefined where there is nothing to draw. The text never becomes part of a command line or a
 * filter. Throws PolyreelError `unavailable` where there are no fonts, `invalid` where they lack a character.
 */
export async function renderText(
  overlay: TextOverlay,
  canvas: { width: number; height: number },
): Promise<TextPicture | undefined> {
  if (!DRAWN.test(overlay.text)) return undefined;
  const { createCanvas } = await loadCanvas();
  refuseMissingGlyphs(overlay.text, createCanvas);
  const ruler = createCanvas(1, 1).getContext("2d");
  const layout = layOutText(overlay, canvas, (fontSize, line) => {
    ruler.font = fontOf(fontSize);
    return ruler.measureText(line).width;
  });
  const { image } = layout;
  const picture = createCanvas(image.width, image.height);
  drawText(picture.getContext("2d"), layout, {
    text: parseColour(overlay.color),
    box: overlay.boxColor === "" ? undefined : parseColour(overlay.boxColor),
  });
  return { png: await picture.encode("png"), ...image };
}
