import { PolyreelError } from "@polyreel/platform";
import type { Placement, Size } from "./geometry.js";
import { type Stretch, wholeFrames } from "./whole-choice.js";

/** How much nearer the nearer end of a move is. */
const NEAREST = 1.15;
/**
 * The still is scaled to this many times the size it is seen at. More than NEAREST, so that it is always made smaller by the
 * move: where source and target pixels coincide (at a factor of just 1) a picture is suddenly sharper, and the eye catches it.
 */
const SUPPLY = 1.25;

/** A still that moves. Everything on even pixels. */
export interface Zoom {
  /** What is seen of it on the canvas; it stays where it is while the picture moves within. */
  window: Placement;
  /** How the still is scaled, and what is cut out of that for the move. */
  supply: { placement: Placement; size: Size };
}

/** How a still is supplied for a move, from how it would lie on the canvas without. */
export function zoomOf(placement: Placement, canvas: Size): Zoom {
  const { scaled, x, y } = placement;
  const seen = { width: Math.min(scaled.width, canvas.width), height: Math.min(scaled.height, canvas.height) };
  const larger = ({ width, height }: Size): Size => ({ width: even(width * SUPPLY), height: even(height * SUPPLY) });
  return {
    window: { scaled: seen, x: Math.max(0, x), y: Math.max(0, y) },
    supply: { placement: { ...placement, scaled: larger(scaled) }, size: larger(seen) },
  };
}

/**
 * The frames of a move, from a still repeated. `perspective` takes each pixel from where it really lies, to 1/256; filters
 * that crop and scale (zoompan, crop) go from whole pixel to whole pixel, and the picture trembles. It moves at an even pace
 * to the eye: by the same factor every frame.
 */
export function zoomed({ window, supply }: Zoom, direction: string, stretch: Stretch): string[] {
  const step = 1 / Math.max(1, wholeFrames(stretch) - 1);
  const way = `clip((on-1+${stretch.framesBefore})*${step}\\,0\\,1)`;
  const factor = `pow(${NEAREST}\\,${directionOf(direction) === "in" ? way : `1-${way}`})`;
  const [left, right] = edges(supply.size.width, window.scaled.width, factor);
  const [top, bottom] = edges(supply.size.height, window.scaled.height, factor);
  const corners = `x0=${left}:y0=${top}:x1=${right}:y1=${top}:x2=${left}:y2=${bottom}:x3=${right}:y3=${bottom}`;
  return [
    `crop=w=${supply.size.width}:h=${supply.size.height}`,
    `perspective=${corners}:interpolation=linear:eval=frame`,
    // It gives pictures as large as it gets; what is asked for lies in their upper left corner.
    `crop=w=${window.scaled.width}:h=${window.scaled.height}:x=0:y=0`,
  ];
}

/**
 * From where pixels 0 and `supplied` (one beyond the last) are taken, so that the middle of what is seen is that of what is
 * supplied at every factor. Numbered pixels have their centres at whole numbers: the middle of n is (n - 1) / 2.
 */
function edges(supplied: number, seen: number, factor: string): [string, string] {
  const middle = (supplied - 1) / 2;
  const ratio = supplied / seen;
  const before = ((seen - 1) / 2) * ratio;
  const after = (supplied - (seen - 1) / 2) * ratio;
  return [`'${middle}-${before}/${factor}'`, `'${middle}+${after}/${factor}'`];
}

function directionOf(zoom: string): "in" | "out" {
  if (zoom === "in" || zoom === "out") return zoom;
  throw new PolyreelError("invalid", { field: "zoom", reason: `A still is zoomed "in" or "out", not "${zoom}".` });
}

const even = (length: number): number => 2 * Math.round(length / 2);
