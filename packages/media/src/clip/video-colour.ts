import { PolyreelError } from "@polyreel/platform";

/** A colour as the canvas's pictures store it: 8 bits, BT.709, television range (luma 16 to 235, chroma 16 to 240). */
export interface VideoColour {
  luma: number;
  blue: number;
  red: number;
}

/**
 * "#rrggbb" as the canvas stores it (ITU-R BT.709-6, items 3.2 to 3.4 and 4.2). Black where nothing is said. Throws
 * PolyreelError `invalid` for anything else. ffmpeg's own drawing filters would take BT.601's matrix, and be a shade off.
 */
export function toVideoColour(colour: string): VideoColour {
  const [r, g, b] = channels(colour);
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return {
    luma: Math.round(16 + 219 * luma),
    blue: Math.round(128 + (224 * (b - luma)) / 1.8556),
    red: Math.round(128 + (224 * (r - luma)) / 1.5748),
  };
}

function channels(colour: string): [number, number, number] {
  if (colour === "") return [0, 0, 0];
  if (!/^#[0-9a-fA-F]{6}$/.test(colour)) {
    throw new PolyreelError("invalid", {
      field: "background",
      reason: `"${colour}" is no colour.`,
      remedy: 'Write it as "#rrggbb".',
    });
  }
  const channel = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}
