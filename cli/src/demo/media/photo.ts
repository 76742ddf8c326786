import { drawCan, drawGroundShadow } from "./can.js";
import { drawSlice } from "./citrus.js";
import { type Flavour, palette } from "./palette.js";
import { fillView, glow, place, type Scene } from "./stage.js";

/** A flavour made of one hue, in degrees. */
export const flavourOfHue = (name: string, hue: number): Flavour => ({
  name,
  light: `hsl(${hue} 92% 70%)`,
  main: `hsl(${hue} 82% 52%)`,
  dark: `hsl(${hue} 85% 26%)`,
  flesh: `hsl(${hue} 90% 66%)`,
  rind: `hsl(${hue} 75% 48%)`,
  text: palette.cream,
});

/** A product photo: a can before a plain wall, with room for words above and below. */
export const photo = (flavour: Flavour): Scene => ({
  seconds: 3,
  draw(g, t, view) {
    fillView(g, view, [flavour.dark, flavour.main, flavour.dark]);
    glow(g, 540, 960, 760, palette.cream, 0.75);
    place(g, { x: 760, y: 1110, angle: 0.3 }, () => drawSlice(g, 240, flavour));
    place(g, { x: 500, y: 960, scale: 1.05 }, () => {
      drawGroundShadow(g);
      drawCan(g, flavour, t / 3);
    });
  },
});
