import { PolyreelError } from "@polyreel/platform";

export type CanvasLibrary = typeof import("@napi-rs/canvas");

/** The font of a text. */
export interface TextFont {
  /** Preferred to the default families, which provide what it lacks; undefined for the defaults alone. */
  family: string | undefined;
  /** 100 to 900, one that the family has. */
  weight: number;
  /** The bytes of the family's file, if it is not installed. */
  file?: Buffer;
}

/** Noto Sans of each script; Chinese, Japanese and Korean share a file that is named after its first family. */
const SCRIPTS = [
  ...["Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada"],
  ...["Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Georgian", "Armenian", "Ethiopic"],
  ...["CJK JP", "Symbols", "Symbols2", "Math"],
];

/**
 * Families in order of preference, each for what those before it lack. Listed explicitly, so that machines with the
 * same fonts choose alike; any installed font provides what none of them has.
 */
const FAMILIES = ["Noto Sans", ...SCRIPTS.map((script) => `Noto Sans ${script}`), "Noto Color Emoji", "DejaVu Sans"];

const STACK = [...FAMILIES.map((family) => `"${family}"`), "sans-serif"].join(", ");

/** A font in CSS syntax. */
export const fontOf = ({ family, weight }: TextFont, sizePixels: number): string =>
  `${weight} ${sizePixels}px ${family === undefined ? "" : `"${family}", `}${STACK}`;

/** Colour emoji fonts of the systems that Polyreel runs on. */
const EMOJI_FAMILIES = ["Noto Color Emoji", "Apple Color Emoji", "Segoe UI Emoji"];

const EMOJI_STACK = EMOJI_FAMILIES.map((family) => `"${family}"`).join(", ");

/**
 * A font for emoji. Emoji fonts come first, because others have some emoji too, but as outlines and without joined
 * ones; unless the family is itself an emoji font.
 */
export const emojiFontOf = (font: TextFont, sizePixels: number): string =>
  /emoji/i.test(font.family ?? "")
    ? fontOf(font, sizePixels)
    : `${font.weight} ${sizePixels}px ${EMOJI_STACK}, ${font.family === undefined ? "" : `"${font.family}", `}${STACK}`;

/** Loads the drawing library on first use: loading takes 0.2 s, because it scans all installed fonts. */
export async function loadCanvas(): Promise<CanvasLibrary> {
  const canvas = await import("@napi-rs/canvas");
  if (canvas.GlobalFonts.families.length > 0) return canvas;
  throw new PolyreelError(
    "unavailable",
    { reason: "No fonts are installed: texts can't be drawn.", remedy: INSTALL },
    { outage: false },
  );
}

export const INSTALL =
  "Install fonts on the machine that renders (Debian and Ubuntu: apt install fonts-noto-core fonts-noto-cjk " +
  "fonts-noto-color-emoji).";
