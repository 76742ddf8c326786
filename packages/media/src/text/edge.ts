import { contrasting } from "./contrast.js";
import type { TextStyle } from "./style.js";
import type { Colour } from "./text-colour.js";

/** What surrounds the letters of a text without outline, shadow and box, so that it is legible on any picture. */
export interface Edge {
  colour: Colour;
  /** Of even opacity this far from each letter, in pixels. */
  reach: number;
  /** Fades out beyond it, as a shadow of this blur in pixels. */
  blur: number;
}

/** Of white text: as soft as still contrasts on white. AA of WCAG 2.2 is 4.5; antialiasing and encoding take from it. */
const CONTRAST = 11.5;
/** Relative to the font size: almost as wide as a bold stem. */
const REACH = 0.1;
const BLUR = 0.25;
/** Minimum reach relative to the canvas's shorter side: two pixels of a phone of 360, which small text needs there. */
const MIN_REACH = 0.006;

/** Undefined for texts that have a contrast of their own. */
export function edgeOf(
  { colour, outline, shadow, box }: TextStyle,
  fontSize: number,
  canvas: { width: number; height: number },
): Edge | undefined {
  if (outline || shadow || box) return undefined;
  const reach = Math.max(REACH * fontSize, MIN_REACH * Math.min(canvas.width, canvas.height));
  return { colour: contrasting(colour, CONTRAST), reach, blur: BLUR * fontSize };
}
