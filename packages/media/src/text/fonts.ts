import { PolyreelError } from "@polyreel/platform";

export type CanvasLibrary = typeof import("@napi-rs/canvas");

/** What a text is set in. */
export interface TextFont {
  /** Before the default families, which have what it lacks; undefined: those alone. */
  family: string | undefined;
  /** 100 to 900, one that the family has. */
  weight: number;
  /** The bytes of the family's file, where it is not an installed one. */
  file?: Buffer;
}

/** Noto Sans of each script; that of Chinese, Japanese and Korean goes by the name of the first in its file. */
const SCRIPTS = [
  ...["Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada"],
  ...["Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Georgian", "Armenian", "Ethiopic"],
  ...["CJK JP", "Symbols", "Symbols2", "Math"],
];

/**
 * Families in order of preference, each for what those before it lack. Named one by one, so that machines with the same
 * fonts choose alike; what none of them has comes from any font that has it.
 */
const FAMILIES = ["Noto Sans", ...SCRIPTS.map((script) => `Noto Sans ${script}`), "Noto Color Emoji", "DejaVu Sans"];

const STACK = [...FAMILIES.map((family) => `"${family}"`), "sans-serif"].join(", ");

/** A font as CSS has it. */
export const fontOf = ({ family, weight }: TextFont, sizePixels: number): string =>
  `${weight} ${sizePixels}px ${family === undefined ? "" : `"${family}", `}${STACK}`;

/** Of the systems that Polyreel runs on, in colour. */
const EMOJI_FAMILIES = ["Noto Color Emoji", "Apple Color Emoji", "Segoe UI Emoji"];

const EMOJI_STACK = EMOJI_FAMILIES.map((family) => `"${family}"`).join(", ");

/**
 * A font for emoji. Emoji fonts come first, because others have some emoji too, but as outlines and none that are joined;
 * unless the family is itself an emoji font.
 */
export const emojiFontOf = (font: TextFont, sizePixels: number): string =>
  /emoji/i.test(font.family ?? "")
    ? fontOf(font, sizePixels)
    : `${font.weight} ${sizePixels}px ${EMOJI_STACK}, ${font.family === undefined ? "" : `"${font.family}", `}${STACK}`;

/** The drawing library; loading it takes 0.2 s, for it looks through all installed fonts, so it is loaded when first used. */
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
