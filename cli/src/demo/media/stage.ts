import type { SKRSContext2D } from "@napi-rs/canvas";

export type Graphics = SKRSContext2D;

/** Contents are placed in these units, whatever the shape and size of the film. */
const STAGE = { width: 1080, height: 1920 } as const;

/** The visible area, in stage units: the stage, and what a wider or higher film shows beside it. */
export interface View {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A film, as a function of time. */
export interface Scene {
  seconds: number;
  /** Draws the picture at `t` seconds; backgrounds fill the view. */
  draw(g: Graphics, t: number, view: View): void;
}

/** Sets up a picture of the given size in pixels, with the whole stage in its middle. */
export function openStage(g: Graphics, { width, height }: { width: number; height: number }): View {
  const scale = Math.min(width / STAGE.width, height / STAGE.height);
  const left = (STAGE.width - width / scale) / 2;
  const top = (STAGE.height - height / scale) / 2;
  g.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
  return { left, top, width: width / scale, height: height / scale };
}

/** Draws something at a position, turned by `angle` radians and enlarged by `scale`. */
export function place(
  g: Graphics,
  { x, y, angle = 0, scale = 1 }: { x: number; y: number; angle?: number; scale?: number },
  draw: () => void,
): void {
  g.save();
  g.translate(x, y);
  g.rotate(angle);
  g.scale(scale, scale);
  draw();
  g.restore();
}

/** Fills the view with a gradient from top to bottom. */
export function fillView(g: Graphics, view: View, colours: readonly string[]): void {
  const gradient = g.createLinearGradient(0, view.top, 0, view.top + view.height);
  for (const [i, colour] of colours.entries()) gradient.addColorStop(i / Math.max(1, colours.length - 1), colour);
  g.fillStyle = gradient;
  g.fillRect(view.left, view.top, view.width, view.height);
}

/** A colour that fades out from the centre of a circle to its edge. */
export function glow(g: Graphics, x: number, y: number, radius: number, colour: string, opacity = 1): void {
  const gradient = g.createRadialGradient(x, y, 0, x, y, radius);
  gradient.addColorStop(0, colour);
  gradient.addColorStop(1, `${colour.slice(0, 7)}00`);
  g.save();
  g.globalAlpha *= opacity;
  g.fillStyle = gradient;
  g.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  g.restore();
}
