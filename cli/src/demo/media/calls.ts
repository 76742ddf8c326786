import { drawCan, drawGroundShadow } from "./can.js";
import { drawSlice } from "./citrus.js";
import { drawLogo } from "./logo.js";
import { ease, land, mix, sway } from "./motion.js";
import { flavours, font, palette } from "./palette.js";
import { fillView, type Graphics, glow, place, type Scene } from "./stage.js";

/** A call to action: the logo, something to look at, and a button. */
const call = (
  { background, ink, label }: { background: readonly string[]; ink: string; label: string },
  drawCentre: (g: Graphics, t: number) => void,
): Scene => ({
  seconds: 3,
  draw(g, t, view) {
    fillView(g, view, background);
    glow(g, 540, 900, 800, "#ffffff", 0.35);
    place(g, { x: 540, y: 430, scale: mix(0.8, 1, land(t, 0, 0.5)) }, () => drawLogo(g, ink));
    drawCentre(g, t);
    place(g, { x: 540, y: 1440, scale: land(t, 0.5, 0.5) * (1 + 0.025 * sway(t, 0.9)) }, () => drawButton(g, label));
  },
});

/** Order it now, at this price. */
const shop = call({ background: [palette.orange, palette.coral], ink: palette.cream, label: "Shop now" }, (g, t) => {
  for (const [x, flavour, start] of [
    [236, flavours.lemon, 0.1],
    [844, flavours.lime, 0.2],
    [540, flavours.orange, 0],
  ] as const)
    place(g, { x, y: 960 + (x === 540 ? 20 : 0), scale: 0.92 * mix(0.7, 1, land(t, start, 0.6)) }, () => {
      drawGroundShadow(g, 0.5);
      drawCan(g, flavour, ease(t, 0.8 + start, 1.3));
    });
  place(g, { x: 866, y: 690, angle: 0.18 + 0.05 * sway(t, 1.5), scale: land(t, 0.55, 0.5) }, () => drawPrice(g));
});

/** A seal with the price. */
function drawPrice(g: Graphics): void {
  for (const [radius, y, colour] of [
    [182, 10, "#7a1d1040"],
    [178, 0, palette.ink],
  ] as const) {
    g.fillStyle = colour;
    g.beginPath();
    for (let n = 0; n < 48; n++) {
      const r = n % 2 ? radius * 0.91 : radius;
      g.lineTo(r * Math.cos((Math.PI * n) / 24), y + r * Math.sin((Math.PI * n) / 24));
    }
    g.fill();
  }
  g.fillStyle = palette.lemon;
  g.textAlign = "center";
  g.font = font(50);
  g.fillText("6 cans", 0, -56);
  g.font = font(116);
  g.fillText("€9.90", 0, 54, 290);
  g.fillStyle = palette.white;
  g.font = font(38);
  g.fillText("delivered", 0, 108);
}

/** It is sold around the corner. */
const store = call({ background: [palette.mint, "#7fd0b4"], ink: palette.tealDark, label: "Find a store" }, (g, t) => {
  drawStreets(g);
  place(g, { x: 540, y: mix(300, 1190, land(t, 0.1, 0.7)), scale: 1.15 }, () => drawPin(g));
});

function drawStreets(g: Graphics): void {
  g.save();
  g.beginPath();
  g.ellipse(540, 1160, 430, 130, 0, 0, 2 * Math.PI);
  g.fillStyle = "#e9fbf2";
  g.fill();
  g.clip();
  g.strokeStyle = "#8fd3bb";
  g.lineWidth = 26;
  g.beginPath();
  for (const x of [150, 430, 760]) {
    g.moveTo(x, 1300);
    g.lineTo(x + 220, 1020);
  }
  for (const y of [1105, 1190, 1260]) {
    g.moveTo(60, y);
    g.lineTo(1020, y - 40);
  }
  g.stroke();
  g.restore();
}

/** A map pin with its tip at the origin. */
function drawPin(g: Graphics): void {
  glow(g, 0, 0, 90, palette.ink, 0.5);
  g.fillStyle = palette.coral;
  g.beginPath();
  g.moveTo(0, 0);
  g.bezierCurveTo(-60, -130, -190, -210, -190, -340);
  g.arc(0, -340, 190, Math.PI, 0);
  g.bezierCurveTo(190, -210, 60, -130, 0, 0);
  g.fill();
  place(g, { x: 0, y: -340 }, () => drawSlice(g, 140, flavours.orange));
}

/** Somebody answers. */
const phone = call(
  { background: [palette.teal, palette.tealDark], ink: palette.cream, label: "Call 0800 555" },
  (g, t) => {
    for (const ring of [0, 1, 2]) {
      g.strokeStyle = palette.mint;
      g.globalAlpha = 0.5 - 0.14 * ring;
      g.lineWidth = 12;
      g.beginPath();
      g.arc(540, 920, 270 + 80 * ring + 12 * sway(t, 1), 0, 2 * Math.PI);
      g.stroke();
    }
    g.globalAlpha = 1;
    place(g, { x: 540, y: 920, angle: 0.12 + 0.06 * sway(t, 0.5), scale: 0.86 }, () =>
      drawCan(g, flavours.orange, ease(t, 0.8, 1.3)),
    );
  },
);

function drawButton(g: Graphics, label: string): void {
  g.font = font(72);
  const width = g.measureText(label).width + 170;
  g.fillStyle = "#00000030";
  g.beginPath();
  g.roundRect(-width / 2, -72, width, 166, 83);
  g.fill();
  g.fillStyle = palette.ink;
  g.beginPath();
  g.roundRect(-width / 2, -84, width, 168, 84);
  g.fill();
  g.fillStyle = palette.white;
  g.textAlign = "center";
  g.fillText(label, 0, 26);
}

export const calls = { shop, store, phone };
