import { scatter } from "./motion.js";
import type { Flavour } from "./palette.js";
import type { Graphics, View } from "./stage.js";

const SEGMENTS = 9;

/** A slice of fruit around the origin. */
export function drawSlice(g: Graphics, radius: number, { rind, flesh }: Pick<Flavour, "rind" | "flesh">): void {
  disc(g, radius, rind);
  disc(g, radius * 0.93, "#fff3d6");
  const pulp = g.createRadialGradient(0, 0, radius * 0.1, 0, 0, radius * 0.86);
  pulp.addColorStop(0, "#ffffff");
  pulp.addColorStop(0.3, flesh);
  pulp.addColorStop(1, flesh);
  g.fillStyle = pulp;
  g.strokeStyle = pulp;
  g.lineJoin = "round";
  g.lineWidth = radius * 0.08;
  for (let n = 0; n < SEGMENTS; n++) {
    const from = (2 * Math.PI * n) / SEGMENTS + 0.13;
    const to = (2 * Math.PI * (n + 1)) / SEGMENTS - 0.13;
    g.beginPath();
    const middle = (from + to) / 2;
    g.moveTo(Math.cos(middle) * radius * 0.16, Math.sin(middle) * radius * 0.16);
    g.arc(0, 0, radius * 0.8, from, to);
    g.closePath();
    g.fill();
    g.stroke();
  }
}

/** A leaf that grows from the origin to the right. */
export function drawLeaf(g: Graphics, length: number, colour: string): void {
  g.fillStyle = colour;
  g.beginPath();
  g.moveTo(0, 0);
  g.bezierCurveTo(length * 0.2, -length * 0.45, length * 0.75, -length * 0.4, length, 0);
  g.bezierCurveTo(length * 0.7, length * 0.25, length * 0.25, length * 0.25, 0, 0);
  g.fill();
  g.strokeStyle = "#ffffff60";
  g.lineWidth = length * 0.025;
  g.beginPath();
  g.moveTo(length * 0.06, 0);
  g.quadraticCurveTo(length * 0.5, -length * 0.1, length * 0.86, -length * 0.02);
  g.stroke();
}

/** Bubbles that rise through the view for ever. */
export function drawBubbles(g: Graphics, view: View, t: number, count: number): void {
  for (let n = 0; n < count; n++) {
    const radius = 6 + 22 * scatter(n, 0.56984) ** 2;
    const rise = (scatter(n) + t * (0.06 + 0.1 * scatter(n, 0.7548))) % 1;
    const x = view.left + view.width * scatter(n, 0.5437) + 14 * Math.sin(3 * t + n);
    const y = view.top + view.height * (1.05 - 1.1 * rise);
    g.fillStyle = "#ffffff26";
    g.beginPath();
    g.arc(x, y, radius, 0, 2 * Math.PI);
    g.fill();
    g.strokeStyle = "#ffffff70";
    g.lineWidth = 2.5;
    g.stroke();
    g.fillStyle = "#ffffffb0";
    g.beginPath();
    g.arc(x - radius * 0.35, y - radius * 0.35, radius * 0.2, 0, 2 * Math.PI);
    g.fill();
  }
}

function disc(g: Graphics, radius: number, colour: string): void {
  g.fillStyle = colour;
  g.beginPath();
  g.arc(0, 0, radius, 0, 2 * Math.PI);
  g.fill();
}
