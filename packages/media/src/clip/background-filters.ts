import type { VideoProbe } from "../probe/parse.js";
import { place, type Size } from "./geometry.js";
import { roughlyCut, SCALER, scaled } from "./picture-filters.js";
import { toVideoColour } from "./video-colour.js";

/** What fills the canvas around a picture that does not cover it. */
export interface Background {
  /** "#rrggbb". */
  colour: string;
  /** A still that fills the canvas, above the colour, with the label of its input. */
  still?: { picture: VideoProbe; label: string };
  /** The picture itself, blurred to fill the canvas, above both: its size, and whether it has transparency. */
  blurred?: { picture: Size; alpha: boolean };
}

/** The blur is computed at 1/8 of the canvas's size: it would remove the detail anyway. */
const BLUR_SCALE = 8;
/** Relative to the canvas's shorter side; three box passes of this radius approximate a Gaussian of sigma 0.03. */
const BLUR_RADIUS = 0.027;

/**
 * Filter chains from the label `from` (the picture's own frames) to `to`. The background is derived from the picture's
 * frames, so that both end together: an independent source would continue where the picture yields no frame. `name`
 * makes labels unique.
 */
export function backgroundChains(
  { colour, still, blurred }: Background,
  canvas: Size,
  { from, to, name }: { from: string; to: string; name: (what: string) => string },
): string[] {
  if (!blurred) return backgroundLayer({ colour, still }, canvas, { from, to, name });
  const canvasSmall = small(canvas);
  const placement = place(blurred.picture, canvasSmall, "cover");
  const { scaled: size, x, y } = placement;
  const covering = [...roughlyCut(placement), `scale=w=${size.width}:h=${size.height}:${SCALER}`, "setsar=1"];
  const cropped = `crop=w=${canvasSmall.width}:h=${canvasSmall.height}:x=${-x}:y=${-y}`;
  const finish = blurredUp(canvasSmall, canvas);
  if (!blurred.alpha) return [`${from}${[...covering, cropped].join(",")},${finish}${to}`];
  const [copy, corner, under, over] = [name("copy"), name("corner"), name("under"), name("over")];
  return [
    `${from}split${copy}${corner}`,
    `${copy}${[...covering, cropped].join(",")}${over}`,
    ...backgroundLayer({ colour, still }, canvasSmall, { from: corner, to: under, name }),
    `${under}${over}overlay=format=yuv420,${finish}${to}`,
  ];
}

/** Size at which the blur is computed, before `blurredUp`. */
export const small = (canvas: Size): Size => ({ width: eighth(canvas.width), height: eighth(canvas.height) });

/** Blurs a small picture and enlarges it to the canvas. */
export const blurredUp = (size: Size, canvas: Size): string =>
  [...blur(size), `scale=w=${canvas.width}:h=${canvas.height}:${SCALER}`, "setsar=1"].join(",");

/** A solid colour (one corner of each frame, painted over and enlarged), with the still above it. */
export function backgroundLayer(
  { colour, still }: Pick<Background, "colour"> & { still: Background["still"] | undefined },
  size: Size,
  { from, to, name }: { from: string; to: string; name: (what: string) => string },
): string[] {
  const flat = `${from}${flatColour(colour, size).join(",")}`;
  if (!still) return [`${flat}${to}`];
  const placement = place(still.picture, size, "cover");
  const cropped = `crop=w=${size.width}:h=${size.height}:x=${-placement.x}:y=${-placement.y}`;
  return [
    `${flat}${name("colour")}`,
    `${still.label}${[...scaled(placement, still.picture), cropped].join(",")}${name("still")}`,
    `${name("colour")}${name("still")}overlay=format=yuv420${to}`,
  ];
}

/** Replaces incoming frames by frames of one colour. */
export function flatColour(colour: string, { width, height }: Size): string[] {
  const { luma, blue, red } = toVideoColour(colour);
  return [
    "crop=w=2:h=2:x=0:y=0",
    "format=yuv420p",
    `lutyuv=y=${luma}:u=${blue}:v=${red}`,
    `scale=w=${width}:h=${height}:flags=neighbor`,
    "setsar=1",
  ];
}

/** Box blur instead of a Gaussian: integer arithmetic, identical on every CPU. */
function blur({ width, height }: Size): string[] {
  const radius = Math.max(1, Math.round(BLUR_RADIUS * Math.min(width, height)));
  const chroma = Math.max(1, Math.round(radius / 2));
  return [`boxblur=lr=${radius}:lp=3:cr=${chroma}:cp=3`];
}

const eighth = (length: number): number => Math.max(8, 2 * Math.round(length / BLUR_SCALE / 2));
