import { readFile, stat } from "node:fs/promises";
import { PolyreelError, sourceError } from "@polyreel/platform";
import type { CanvasLibrary, TextFont } from "./fonts.js";
import { realWeight } from "./real-weight.js";

/** Twice the size of Noto Sans CJK, one of the largest fonts. */
const MAX_BYTES = 32 << 20;
/** Size of a compressed font after decompression. */
const MAX_UNPACKED_BYTES = 64 << 20;

/** What is wrong with a font file as far as its bytes show before parsing; undefined if nothing. */
export function fontFlaw(bytes: Buffer): string | undefined {
  if (bytes.length < 12) return "is no font file";
  const tag = bytes.toString("latin1", 0, 4);
  switch (tag) {
    case "\0\x01\0\0":
    case "true":
    case "OTTO":
      return isCut(bytes) ? "breaks off: the file is incomplete" : undefined;
    case "wOFF":
    case "wOF2":
      if (bytes.length < 20 || bytes.readUInt32BE(8) > bytes.length) return "breaks off: the file is incomplete";
      return bytes.readUInt32BE(16) > MAX_UNPACKED_BYTES ? "is too large when unpacked" : undefined;
    case "ttcf":
      return "is a collection of fonts";
    default:
      return "is no font file";
  }
}

/** Whether tables extend beyond the end, which would lose glyphs. */
function isCut(bytes: Buffer): boolean {
  const tables = bytes.readUInt16BE(4);
  if (bytes.length < 12 + 16 * tables) return true;
  for (let entry = 12; entry < 12 + 16 * tables; entry += 16) {
    if (bytes.readUInt32BE(entry + 8) + bytes.readUInt32BE(entry + 12) > bytes.length) return true;
  }
  return false;
}

/**
 * Loads a font from a file (TTF, OTF, WOFF or WOFF2; static or variable). Throws PolyreelError `invalid` if it is no
 * font, damaged or larger than 32 MB.
 */
export async function fontFromFile(
  { path, sha256, weight }: { path: string; sha256: string; weight: number },
  canvas: CanvasLibrary,
): Promise<TextFont> {
  const refuse = (flaw: string) =>
    sourceError({
      reason: `The font file ${sha256.slice(0, 12)}… ${flaw}.`,
      remedy: "Give one font as a TTF, OTF or WOFF2 file of at most 32 MB, or name an installed family.",
    });
  if ((await stat(path)).size > MAX_BYTES) throw refuse("is too large");
  const file = await readFile(path);
  const flaw = fontFlaw(file);
  if (flaw !== undefined) throw refuse(flaw);
  const family = `polyreel ${sha256}`;
  const key = canvas.GlobalFonts.register(file, family);
  if (!key) throw refuse("is broken: it can't be read as a font");
  try {
    return { family, weight: realWeight(weight, family, canvas), file };
  } finally {
    canvas.GlobalFonts.remove(key);
  }
}

/**
 * Runs a synchronous function with a font. A font from a file is registered with the library only meanwhile: the
 * library identifies it by the name in the file, which may be that of an installed font or of another tenant's, and one
 * must never stand in for the other. (1.4 ms for a file of 340 kB.)
 */
export function withFont<Result>(
  { family, file }: TextFont,
  { GlobalFonts }: CanvasLibrary,
  use: () => Result,
): Result {
  const key = file && GlobalFonts.register(file, family);
  if (file && !key) throw new PolyreelError("internal", "A font that could be read can't be read any more.");
  try {
    return use();
  } finally {
    if (key) GlobalFonts.remove(key);
  }
}
