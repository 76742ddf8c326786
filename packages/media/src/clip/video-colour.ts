import { PolyreelError } from "@polyreel/platform";

/** A colour as stored in the canvas's pictures: 8 bits, BT.709, limited range (luma 16 to 235, chroma 16 to 240). */
export interface VideoColour {
  luma: number;
  blue: number;
  red: number;
}

/**
 * Converts "#rrggbb" (ITU-R BT.709-6, items 3.2 to 3.4 and 4.2); black if empty. Throws PolyreelError `invalid` for
 * anything else. ffmpeg's drawing filters would use the matrix of BT.601 and be slightly off.
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
