import { drawCan, drawGroundShadow, drawSilhouette } from "./can.js";
import { drawBubbles, drawLeaf, drawSlice } from "./citrus.js";
import { ease, land, mix, sway } from "./motion.js";
import { flavours, palette } from "./palette.js";
import { fillView, type Graphics, glow, place, type Scene } from "./stage.js";

const RAYS = 14;

/** The can rises before a slice like the sun. */
const sunrise: Scene = {
  seconds: 3,
  draw(g, t, view) {
    fillView(g, view, [palette.coral, palette.orange, palette.lemon]);
    place(g, { x: 540, y: 1010, angle: t * 0.12 }, () => drawRays(g, 2200));
    glow(g, 540, 1010, 760, "#fff3c4", 0.8);
    place(g, { x: 540, y: 1010, angle: t * 0.25, scale: land(t, 0, 0.8) }, () => drawSlice(g, 420, flavours.orange));
    drawBubbles(g, view, t, 26);
    const y = mix(2300, 1050, land(t, 0.15, 0.9)) + 12 * sway(t, 2.6);
    place(g, { x: 540, y, angle: 0.05 * sway(t, 3.4), scale: mix(1.22, 1.3, t / 3) }, () => {
      place(g, { x: -90, y: 250, angle: 2.7 }, () => drawLeaf(g, 230, palette.leaf));
      place(g, { x: 90, y: 250, angle: 0.35 }, () => drawLeaf(g, 230, palette.leaf));
      drawCan(g, flavours.orange, ease(t, 1, 1.4));
    });
  },
};

function drawRays(g: Graphics, radius: number): void {
  g.fillStyle = "#ffffff22";
  for (let n = 0; n < RAYS; n++) {
    const angle = (2 * Math.PI * n) / RAYS;
    g.beginPath();
    g.moveTo(0, 0);
    g.arc(0, 0, radius, angle, angle + Math.PI / RAYS);
    g.fill();
  }
}

/** Three flavours land on their podiums. */
const trio: Scene = {
  seconds: 3,
  draw(g, t, view) {
    fillView(g, view, [palette.tealDark, palette.teal, "#35a58f"]);
    glow(g, 540, 820, 900, palette.mint, 0.5);
    g.translate(540, 1000);
    g.scale(mix(1, 1.06, t / 3), mix(1, 1.06, t / 3));
    g.translate(-540, -1000);
    for (const [x, top, flavour, start, colour] of [
      [212, 1270, flavours.lemon, 0.25, palette.lemon],
      [868, 1330, flavours.lime, 0.45, "#7ed6a0"],
      [540, 1160, flavours.orange, 0.05, palette.coral],
    ] as const) {
      drawPodium(g, x, top, view.top + view.height + 200, colour);
      place(g, { x, y: mix(-500, top - 310, land(t, start, 0.7)), scale: 0.94 }, () => {
        drawGroundShadow(g, 0.5 * ease(t, start + 0.3, 0.4));
        drawCan(g, flavour, ease(t, start + 1, 1.2));
      });
    }
  },
};

function drawPodium(g: Graphics, x: number, top: number, bottom: number, colour: string): void {
  const side = g.createLinearGradient(x - 180, 0, x + 180, 0);
  side.addColorStop(0, "#00000050");
  side.addColorStop(0.35, "#ffffff30");
  side.addColorStop(1, "#00000060");
  for (const fill of [colour, side]) {
    g.fillStyle = fill;
    g.beginPath();
    g.ellipse(x, top, 180, 44, 0, Math.PI, 0, true);
    g.lineTo(x + 180, bottom);
    g.lineTo(x - 180, bottom);
    g.fill();
  }
  g.fillStyle = colour;
  g.beginPath();
  g.ellipse(x, top, 180, 44, 0, 0, 2 * Math.PI);
  g.fill();
  g.fillStyle = "#ffffff40";
  g.fill();
}

/** A can swings in over a drifting pattern of slices. */
const pattern: Scene = {
  seconds: 3,
  draw(g, t, view) {
    fillView(g, view, [palette.lemon, "#ffc53a"]);
    const pitch = 330;
    const drift = (t * 60) % pitch;
    const rows = Math.ceil(view.height / pitch) + 2;
    const columns = Math.ceil(view.width / pitch) + 2;
    g.globalAlpha = 0.55;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const x = view.left + (column - 1 + (row % 2) / 2) * pitch + 80;
        const y = view.top + (row - 1) * pitch + drift;
        const fruit = row % 2 ? flavours.lime : flavours.orange;
        place(g, { x, y, angle: t * 0.5 + column }, () => drawSlice(g, 92, fruit));
      }
    }
    g.globalAlpha = 1;
    const share = land(t, 0.1, 0.9);
    const at = { x: mix(1700, 540, share), y: 1010, angle: mix(1.4, 0.2, share) + 0.03 * sway(t, 2.4), scale: 1.42 };
    place(g, { ...at, x: at.x + 44, y: at.y + 44 }, () => drawSilhouette(g, "#b8731f66"));
    place(g, at, () => drawCan(g, flavours.lemon, ease(t, 1.1, 1.3)));
  },
};

export const hooks = { sunrise, trio, pattern };
