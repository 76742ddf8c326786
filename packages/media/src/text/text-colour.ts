import { PolyreelError } from "@polyreel/platform";

/** 0 to 255 each, alpha 0 to 1. */
export interface Colour {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

/** Parses "#rrggbb" or "#rrggbbaa". Throws PolyreelError `invalid`. */
export function parseColour(hex: string): Colour {
  const digits = /^#([0-9a-f]{6})([0-9a-f]{2})?$/i.exec(hex);
  if (!digits) {
    throw new PolyreelError("invalid", {
      reason: `${JSON.stringify(hex)} is no colour.`,
      remedy: 'Write it as "#rrggbb" or "#rrggbbaa".',
    });
  }
  const value = Number.parseInt(digits[1] as string, 16);
  return {
    red: value >> 16,
    green: (value >> 8) & 0xff,
    blue: value & 0xff,
    alpha: Number.parseInt(digits[2] ?? "ff", 16) / 255,
  };
}

/** In CSS syntax. */
export const cssColour = ({ red, green, blue, alpha }: Colour): string =>
  `rgba(${red}, ${green}, ${blue}, ${alpha.toFixed(3)})`;

/** Black or white, whichever has more contrast (by luma of BT.709), with the colour's opacity times `alpha`. */
export function contrasting({ red, green, blue, alpha: own }: Colour, alpha: number): Colour {
  const value = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 96 ? 0 : 255;
  return { red: value, green: value, blue: value, alpha: own * alpha };
}
