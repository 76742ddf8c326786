import { sway } from "./motion.js";
import { font, palette } from "./palette.js";
import { fillView, type Graphics, glow, place, type Scene } from "./stage.js";

interface Speaker {
  skin: string;
  hair: string;
  coat: string;
  wall: readonly string[];
  /** Shown beside the speaker. */
  title: string;
}

/** A recording of somebody who speaks: for pages about media that are no advertisements. */
const talk = ({ skin, hair, coat, wall, title }: Speaker): Scene => ({
  seconds: 3,
  draw(g, t, view) {
    fillView(g, view, wall);
    glow(g, 540, 800, 1300, "#ffffff", 0.35);
    g.textAlign = "center";
    g.fillStyle = "#ffffff";
    g.font = font(270);
    g.fillText(title, 540 - view.width * 0.22, 1000);
    place(g, { x: 540 + view.width * 0.2, y: 1930, scale: 1.9 }, () => {
      drawShoulders(g, coat);
      place(g, { x: 8 * sway(t, 2.2), y: -520 + 8 * sway(t, 0.8), angle: 0.05 * sway(t, 2.2) }, () =>
        drawHead(g, { skin, hair }, Math.abs(sway(t, 0.55))),
      );
    });
  },
});

function drawShoulders(g: Graphics, coat: string): void {
  g.fillStyle = coat;
  g.beginPath();
  g.moveTo(-420, 100);
  g.bezierCurveTo(-420, -220, -240, -290, 0, -300);
  g.bezierCurveTo(240, -290, 420, -220, 420, 100);
  g.fill();
  g.fillStyle = palette.white;
  g.beginPath();
  g.moveTo(-90, -300);
  g.lineTo(0, -120);
  g.lineTo(90, -300);
  g.fill();
}

/** `mouth` is 0 if closed, 1 if open. */
function drawHead(g: Graphics, { skin, hair }: Pick<Speaker, "skin" | "hair">, mouth: number): void {
  g.fillStyle = hair;
  g.beginPath();
  g.ellipse(0, -40, 178, 200, 0, 0, 2 * Math.PI);
  g.fill();
  g.fillStyle = skin;
  g.beginPath();
  g.roundRect(-60, 100, 120, 150, 50);
  g.ellipse(0, 0, 145, 180, 0, 0, 2 * Math.PI);
  g.fill();
  g.fillStyle = hair;
  g.beginPath();
  g.ellipse(-20, -150, 160, 70, -0.15, 0, 2 * Math.PI);
  g.fill();
  g.fillStyle = palette.ink;
  for (const x of [-54, 54]) {
    g.beginPath();
    g.arc(x, -14, 14, 0, 2 * Math.PI);
    g.fill();
  }
  g.fillStyle = "#9c2f2a";
  g.beginPath();
  g.ellipse(0, 86, 44, 8 + 12 * mouth, 0, 0, 2 * Math.PI);
  g.fill();
}

export const talks = {
  talk: talk({
    ...{ skin: "#f2c9a5", hair: "#5a3422", coat: palette.teal },
    wall: [palette.orange, palette.coral],
    title: "Talk",
  }),
  interview: talk({
    ...{ skin: "#a96f47", hair: "#1d1a1c", coat: palette.coral },
    wall: [palette.sky, palette.skyDark],
    title: "Interview",
  }),
  keynote: talk({
    ...{ skin: "#e9b48c", hair: "#c8783a", coat: palette.ink },
    wall: [palette.teal, palette.tealDark],
    title: "Keynote",
  }),
};
