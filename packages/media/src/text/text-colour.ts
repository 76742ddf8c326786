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
