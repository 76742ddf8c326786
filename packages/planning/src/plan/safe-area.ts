import { type Format, Platform, type Sides, type TextBlock } from "@polyreel/contract";

/** Of 9:16, and of sizes that are rounded to it. */
const isPortrait = ({ width, height }: Pick<Format, "width" | "height">): boolean =>
  Math.abs((width * 16) / (height * 9) - 1) < 0.01;

/**
 * The margins of a normalised text block on a canvas, where they differ from its `safe_area`. A platform's controls lie
 * over canvases of 9:16; others are shown between them.
 */
export function sidesOn(
  { safeAreaSides, safeAreaPlatform }: Pick<TextBlock, "safeAreaSides" | "safeAreaPlatform">,
  format: Pick<Format, "width" | "height">,
): Sides | undefined {
  return safeAreaPlatform === Platform.UNSPECIFIED || isPortrait(format) ? safeAreaSides : undefined;
}
