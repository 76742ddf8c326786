import { drawCan, drawGroundShadow } from "./can.js";
import { drawBubbles, drawLeaf, drawSlice } from "./citrus.js";
import { ease, land, mix, scatter, sway } from "./motion.js";
import { flavours, font, palette } from "./palette.js";
import { fillView, type Graphics, glow, place, type Scene } from "./stage.js";

const FACTS = [
  ["0 g", "sugar", palette.coral],
  ["100%", "real fruit", palette.teal],
  ["12", "calories", "#d98a00"],
] as const;

/** What is in it, beside the can. */
const facts: Scene = {
  seconds: 3.5,
  draw(g, t, view) {
    fillView(g, view, [palette.cream, "#ffe9c4"]);
    g.fillStyle = palette.orange;
    g.beginPath();
    g.arc(1010, 900, 520, 0, 2 * Math.PI);
    g.fill();
    place(g, { x: 1010, y: 900, angle: t * 0.15 }, () => drawSlice(g, 450, flavours.orange));
    place(g, { x: 818, y: 900 + 10 * sway(t, 3), scale: mix(1.22, 1.28, t / 3.5), angle: 0.06 }, () => {
      drawGroundShadow(g, 0.35);
      drawCan(g, flavours.orange, ease(t, 0.6, 1.6));
    });
    for (const [i, [figure, noun, colour]] of FACTS.entries()) {
      const start = 0.25 + 0.45 * i;
      g.globalAlpha = ease(t, start, 0.3);
      place(g, { x: mix(-60, 76, land(t, start, 0.6)), y: 470 + 340 * i }, () => {
        g.textAlign = "left";
        g.fillStyle = colour;
        g.font = font(146);
        g.fillText(figure, 0, 100);
        g.fillStyle = palette.ink;
        g.font = font(64);
        g.fillText(noun, 6, 200);
      });
      g.globalAlpha = 1;
    }
  },
};

/** Somebody likes it. */
const review: Scene = {
  seconds: 3.5,
  draw(g, t, view) {
    fillView(g, view, ["#ffb199", palette.coral]);
    for (const [x, y, size, fruit] of [
      [60, 330, 190, flavours.lemon],
      [1010, 560, 150, flavours.orange],
      [150, 1420, 230, flavours.lime],
    ] as const)
      place(g, { x, y, angle: t * 0.3 + x }, () => drawSlice(g, size, fruit));
    place(g, { x: 800, y: 1240 + 12 * sway(t, 2.8), angle: 0.16, scale: 1.12 }, () =>
      drawCan(g, flavours.lime, ease(t, 1.4, 1.4)),
    );
    place(g, { x: 540, y: mix(820, 640, ease(t, 0, 0.6)), scale: mix(0.9, 1, ease(t, 0, 0.6)) }, () => drawQuote(g, t));
  },
};

function drawQuote(g: Graphics, t: number): void {
  g.fillStyle = "#7a1d1030";
  g.beginPath();
  g.roundRect(-424, -264, 860, 600, 56);
  g.fill();
  g.fillStyle = palette.white;
  g.beginPath();
  g.roundRect(-436, -290, 872, 600, 56);
  g.fill();
  for (let n = 0; n < 5; n++)
    place(g, { x: (n - 2) * 132, y: -170, scale: land(t, 0.3 + 0.12 * n, 0.4) }, () => drawStar(g, 56, "#ffb400"));
  g.textAlign = "center";
  g.fillStyle = palette.ink;
  g.font = font(78);
  g.fillText("Tastes like a day", 0, 10);
  g.fillText("at the beach.", 0, 110);
  g.fillStyle = "#5f7a7d";
  g.font = font(46, 400);
  g.fillText("Mara, Lisbon", 0, 220);
}

function drawStar(g: Graphics, radius: number, colour: string): void {
  g.fillStyle = colour;
  g.beginPath();
  for (let n = 0; n < 10; n++) {
    const r = n % 2 ? radius * 0.45 : radius;
    g.lineTo(r * Math.sin((Math.PI * n) / 5), -r * Math.cos((Math.PI * n) / 5));
  }
  g.fill();
}

/** Ice cubes around the can, in water. */
const ice: Scene = {
  seconds: 3.5,
  draw(g, t, view) {
    fillView(g, view, ["#e8f8ff", palette.sky, palette.skyDark]);
    glow(g, 540, 700, 900, "#ffffff", 0.7);
    place(g, { x: 540, y: mix(520, 860, land(t, 0, 0.9)) + 14 * sway(t, 2.6), angle: 0.05 * sway(t, 3.1) }, () => {
      g.scale(1.5, 1.5);
      place(g, { x: 130, y: -40, angle: -0.5 }, () => drawLeaf(g, 190, palette.leaf));
      place(g, { x: -130, y: 20, angle: 3.6 }, () => drawLeaf(g, 170, palette.leaf));
      drawCan(g, flavours.lime, ease(t, 1, 1.5));
    });
    for (const depth of [0, 1]) {
      for (let n = depth; n < 14; n += 2) {
        const x = view.left + view.width * scatter(n) + 20 * sway(t, 4, n / 5);
        const y = 1300 + 90 * depth + 60 * scatter(n, 0.7548) + 16 * sway(t, 2.5, n / 7);
        place(g, { x, y, angle: scatter(n, 0.5698) * 3 + 0.1 * sway(t, 3, n / 3) }, () => drawIceCube(g, 130));
      }
      drawWave(g, view.left, view.width, 1350 + 110 * depth, view.top + view.height, t + depth);
    }
    drawBubbles(g, view, t, 30);
  },
};

function drawIceCube(g: Graphics, side: number): void {
  const gradient = g.createLinearGradient(-side / 2, -side / 2, side / 2, side / 2);
  gradient.addColorStop(0, "#ffffffe0");
  gradient.addColorStop(0.5, "#d7f1ff90");
  gradient.addColorStop(1, "#ffffffc0");
  g.fillStyle = gradient;
  g.beginPath();
  g.roundRect(-side / 2, -side / 2, side, side, side * 0.2);
  g.fill();
  g.strokeStyle = "#ffffffb0";
  g.lineWidth = 4;
  g.stroke();
  g.fillStyle = "#ffffff90";
  g.beginPath();
  g.roundRect(-side * 0.34, -side * 0.34, side * 0.3, side * 0.12, side * 0.06);
  g.fill();
}

function drawWave(g: Graphics, left: number, width: number, top: number, bottom: number, t: number): void {
  const water = g.createLinearGradient(0, top, 0, bottom);
  water.addColorStop(0, "#5cc8f0b0");
  water.addColorStop(1, "#0b4f96f0");
  g.fillStyle = water;
  g.beginPath();
  g.moveTo(left, bottom);
  for (let x = left; x <= left + width + 20; x += 20) g.lineTo(x, top + 22 * Math.sin(x / 150 + 1.8 * t));
  g.lineTo(left + width + 20, bottom);
  g.fill();
}

export const bodies = { facts, review, ice };
