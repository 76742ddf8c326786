import { PolyreelError } from "@polyreel/platform";
import type { Placement, Size } from "./geometry.js";
import { type Stretch, wholeFrames } from "./whole-choice.js";

/** Magnification at the closer end of a move. */
const NEAREST = 1.15;
/**
 * The still is scaled to this many times its displayed size. More than NEAREST, so that the move always scales it down:
 * where source and target pixels coincide (at a factor of exactly 1) a picture is suddenly sharper, which is
 * noticeable.
 */
const SUPPLY = 1.25;

/** Geometry of a moving still, all on even pixels. */
export interface Zoom {
  /** The visible area on the canvas; it is fixed while the picture moves within. */
  window: Placement;
  /** How the still is scaled, and the area of it that the move uses. */
  supply: { placement: Placement; size: Size };
}

/** The geometry of a move, from the still's placement without one. */
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
 * Renders the frames of a move from a repeated still. `perspective` samples at a resolution of 1/256 pixel; filters
 * that crop and scale (zoompan, crop) move by whole pixels, and the picture jitters. The magnification changes by the
 * same factor every frame, which looks like an even pace.
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
    // Its output is as large as its input; the wanted area is the upper left corner.
    `crop=w=${window.scaled.width}:h=${window.scaled.height}:x=0:y=0`,
  ];
}

/**
 * Coordinates that pixels 0 and `supplied` (one beyond the last) are sampled from, so that the visible area stays
 * centred at every factor. Pixel centres are at integers: the middle of n is (n - 1) / 2.
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
