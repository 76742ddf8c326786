import { drawSlice } from "./citrus.js";
import { drawWordmark } from "./logo.js";
import { scatter } from "./motion.js";
import { type Flavour, font, palette } from "./palette.js";
import { type Graphics, glow } from "./stage.js";

/** Half the width of the can, of its lid, and half its height, in stage units. */
const [BODY, LID, HALF] = [160, 126, 330];
const METAL: readonly [number, string][] = [
  [0, "#7d8a90"],
  [0.22, "#f4f8f9"],
  [0.45, "#b9c4c8"],
  [0.7, "#ffffff"],
  [1, "#77848a"],
];

/** The product: 320 x 660 units around the origin. `sweep` moves a reflection over it, from 0 to 1. */
export function drawCan(g: Graphics, flavour: Flavour, sweep = 0): void {
  g.save();
  outline(g);
  g.clip();
  g.fillStyle = across(g, [
    [0, flavour.dark],
    [0.2, flavour.main],
    [0.38, flavour.light],
    [0.62, flavour.main],
    [1, flavour.dark],
  ]);
  g.fillRect(-BODY, -HALF - 20, 2 * BODY, 2 * HALF + 40);
  drawLabel(g, flavour);
  drawRims(g);
  drawLight(g, sweep);
  drawDroplets(g);
  g.restore();
  drawLid(g);
}

/** A soft shadow on the ground below a can. */
export function drawGroundShadow(g: Graphics, opacity = 0.45): void {
  g.save();
  g.translate(0, HALF - 4);
  g.scale(1, 0.16);
  glow(g, 0, 0, 260, palette.ink, opacity);
  g.restore();
}

/** Only the shape, in one colour. */
export function drawSilhouette(g: Graphics, colour: string): void {
  outline(g);
  g.fillStyle = colour;
  g.fill();
}

function outline(g: Graphics): void {
  g.beginPath();
  g.moveTo(-LID, -HALF + 12);
  g.bezierCurveTo(-LID, -HALF + 40, -BODY, -HALF + 44, -BODY, -HALF + 84);
  g.lineTo(-BODY, HALF - 64);
  g.bezierCurveTo(-BODY, HALF - 30, -LID, HALF - 32, -LID + 4, HALF - 8);
  g.ellipse(0, HALF - 8, LID - 4, 18, 0, Math.PI, 0, true);
  g.bezierCurveTo(LID, HALF - 32, BODY, HALF - 30, BODY, HALF - 64);
  g.lineTo(BODY, -HALF + 84);
  g.bezierCurveTo(BODY, -HALF + 44, LID, -HALF + 40, LID, -HALF + 12);
  g.ellipse(0, -HALF + 12, LID, 22, 0, 0, Math.PI, true);
  g.closePath();
}

function drawLabel(g: Graphics, flavour: Flavour): void {
  g.fillStyle = palette.cream;
  g.beginPath();
  g.moveTo(-BODY, 60);
  g.bezierCurveTo(-60, -10, 40, 150, BODY, 40);
  g.lineTo(BODY, HALF);
  g.lineTo(-BODY, HALF);
  g.fill();
  g.save();
  g.translate(62, 168);
  g.rotate(0.3);
  drawSlice(g, 128, flavour);
  g.restore();
  g.fillStyle = flavour.text;
  drawWordmark(g, 0, -104, 64);
  g.font = font(27);
  g.textAlign = "center";
  g.fillText(flavour.name, 0, -52);
  g.fillStyle = flavour.dark;
  g.font = font(22);
  g.textAlign = "left";
  g.fillText("330 ml", -136, 212);
}

function drawRims(g: Graphics): void {
  g.fillStyle = across(g, METAL);
  g.beginPath();
  g.rect(-BODY, -HALF - 20, 2 * BODY, 84);
  g.ellipse(0, -HALF + 64, BODY, 14, 0, 0, Math.PI);
  g.fill();
  g.beginPath();
  g.rect(-BODY, HALF - 36, 2 * BODY, 60);
  g.fill();
}

/** Shades the edges, and reflects a window and the sweep. */
function drawLight(g: Graphics, sweep: number): void {
  g.fillStyle = across(g, [
    [0, "#00000070"],
    [0.14, "#00000010"],
    [0.2, "#ffffff00"],
    [0.27, "#ffffff78"],
    [0.34, "#ffffff18"],
    [0.6, "#00000000"],
    [0.86, "#00000038"],
    [0.93, "#00000018"],
    [1, "#00000078"],
  ]);
  g.fillRect(-BODY, -HALF - 20, 2 * BODY, 2 * HALF + 40);
  if (sweep <= 0 || sweep >= 1) return;
  g.save();
  g.transform(1, 0, -0.35, 1, -420 + 840 * sweep, 0);
  const gradient = g.createLinearGradient(-90, 0, 90, 0);
  gradient.addColorStop(0, "#ffffff00");
  gradient.addColorStop(0.5, "#ffffffa0");
  gradient.addColorStop(1, "#ffffff00");
  g.fillStyle = gradient;
  g.fillRect(-90, -HALF, 180, 2 * HALF);
  g.restore();
}

/** Condensed water: the can is cold. */
function drawDroplets(g: Graphics): void {
  for (let n = 0; n < 60; n++) {
    const x = (scatter(n) * 2 - 1) * (BODY - 12);
    const y = scatter(n, 0.754878) * (2 * HALF - 190) - HALF + 104;
    if (y > -180 && y < -30) continue; // the name stays legible
    const radius = 3 + 6 * scatter(n, 0.56984);
    g.fillStyle = "#ffffff40";
    g.beginPath();
    g.ellipse(x, y, radius, radius * 1.25, 0, 0, 2 * Math.PI);
    g.fill();
    g.fillStyle = "#ffffffd0";
    g.beginPath();
    g.arc(x - radius * 0.3, y - radius * 0.4, radius * 0.28, 0, 2 * Math.PI);
    g.fill();
  }
}

function drawLid(g: Graphics): void {
  const y = -HALF + 12;
  for (const [rx, ry, drop, colour] of [
    [LID, 22, 0, across(g, METAL)],
    [LID - 12, 17, 3, "#98a4a9"],
    [LID - 18, 13, 6, "#c6d0d3"],
  ] as const) {
    g.fillStyle = colour;
    g.beginPath();
    g.ellipse(0, y + drop, rx, ry, 0, 0, 2 * Math.PI);
    g.fill();
  }
  g.fillStyle = "#7d8a90";
  g.beginPath();
  g.ellipse(10, y + 6, 34, 6, 0, 0, 2 * Math.PI);
  g.fill();
}

function across(g: Graphics, stops: readonly (readonly [number, string])[]) {
  const gradient = g.createLinearGradient(-BODY, 0, BODY, 0);
  for (const [offset, colour] of stops) gradient.addColorStop(offset, colour);
  return gradient;
}
