import type { Colour } from "./text-colour.js";

/** Relative luminance, 0 (black) to 1 (white), as WCAG 2.2 defines it. Transparency is ignored. */
export const luminance = ({ red, green, blue }: Omit<Colour, "alpha">): number =>
  0.2126 * toLinear(red / 255) + 0.7152 * toLinear(green / 255) + 0.0722 * toLinear(blue / 255);

/** Contrast of two luminances, 1 to 21, as WCAG 2.2 defines it. */
export const contrast = (one: number, other: number): number =>
  (Math.max(one, other) + FLARE) / (Math.min(one, other) + FLARE);

const FLARE = 0.05;

/** The transfer function of sRGB and its inverse, 0 to 1. */
const toLinear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const fromLinear = (value: number): number => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

/**
 * Black or white, whichever contrasts more with a colour, and as opaque as `wanted` (a contrast) requires on any
 * picture; opaque for colours that contrast less with both.
 */
export function contrasting({ alpha: own, ...colour }: Colour, wanted: number): Colour {
  const light = luminance(colour);
  const dark = contrast(light, 0) >= contrast(light, 1);
  // The worst picture under a black veil is white, under a white one black.
  const alpha = dark
    ? 1 - fromLinear(Math.max(0, (light + FLARE) / wanted - FLARE))
    : fromLinear(Math.min(1, (light + FLARE) * wanted - FLARE));
  const value = dark ? 0 : 255;
  return { red: value, green: value, blue: value, alpha: own * alpha };
}
