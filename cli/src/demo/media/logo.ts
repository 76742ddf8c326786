import { drawLeaf, drawSlice } from "./citrus.js";
import { flavours, font, palette } from "./palette.js";
import { type Graphics, place } from "./stage.js";

const NAME = "limoya";

/** The name alone, centred, in the current colour. */
export function drawWordmark(g: Graphics, x: number, y: number, size: number): void {
  g.font = font(size);
  g.textAlign = "center";
  g.letterSpacing = `${size * 0.03}px`;
  g.fillText(NAME, x, y);
  g.letterSpacing = "0px";
}

/** Slice, leaf and name, around the origin. */
export function drawLogo(g: Graphics, colour: string): void {
  place(g, { x: 0, y: -120 }, () => drawSlice(g, 84, flavours.orange));
  place(g, { x: 30, y: -186, angle: -0.6 }, () => drawLeaf(g, 120, palette.leaf));
  g.fillStyle = colour;
  drawWordmark(g, 0, 80, 150);
}
