import type { SKRSContext2D } from "@napi-rs/canvas";
import { PolyreelError } from "@polyreel/platform";
import { LRUCache } from "lru-cache";
import { withFont } from "./font-file.js";
import { type CanvasLibrary, fontOf, INSTALL, type TextFont } from "./fonts.js";

const SIZE = 24;

/** Visible characters beyond ASCII: no marks, spaces and controls. */
const VISIBLE = /(?!\p{ASCII})[^\p{M}\p{Z}\p{C}]|\p{Co}|\p{Cn}/gu;

/** Cache of which code points have a glyph in some installed font. */
const known = new LRUCache<string, boolean>({ max: 20_000 });

/**
 * Throws PolyreelError `invalid` if neither the font nor any installed one has a character of the text: it would be an
 * empty box in every video. The library doesn't report it, so each character is drawn and compared with one that no
 * font has.
 */
export function refuseMissingGlyphs(text: string, font: TextFont, canvas: CanvasLibrary): void {
  const visible = [...new Set(text.match(VISIBLE))];
  const unknown = visible.filter((character) => !known.has(character));
  const unavailable = new Set(missingIn({ family: undefined, weight: 700 }, unknown, canvas));
  for (const character of unknown) known.set(character, !unavailable.has(character));
  const uninstalled = visible.filter((character) => known.get(character) === false);
  const missingGlyphs = font.file ? withFont(font, canvas, () => missingIn(font, uninstalled, canvas)) : uninstalled;
  if (missingGlyphs.length === 0) return;
  const shown = missingGlyphs.slice(0, 5).map((character) => `${character} (U+${codePoint(character)})`);
  throw new PolyreelError("invalid", {
    reason:
      `${font.file ? "Neither the font file nor any installed font" : "No installed font"} has ` +
      `${shown.join(", ")}${missingGlyphs.length > 5 ? " and others" : ""}, in the text ${quoted(text)}.`,
    remedy: `Leave it out, or use fonts that have it. ${INSTALL}`,
  });
}

function missingIn(font: TextFont, characters: readonly string[], { createCanvas }: CanvasLibrary): string[] {
  if (characters.length === 0) return [];
  const context = createCanvas(2 * SIZE, 2 * SIZE).getContext("2d");
  context.font = fontOf(font, SIZE);
  const missing = picture(context, "\u{10ffff}");
  return characters.filter((character) => picture(context, character).equals(missing));
}

function picture(context: SKRSContext2D, character: string): Buffer {
  context.clearRect(0, 0, 2 * SIZE, 2 * SIZE);
  context.fillText(character, SIZE / 2, SIZE * 1.4);
  return Buffer.from(context.getImageData(0, 0, 2 * SIZE, 2 * SIZE).data.buffer);
}

const codePoint = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");

const SHOWN = 40;

const quoted = (text: string): string => {
  const characters = [...text];
  return JSON.stringify(characters.length > SHOWN ? `${characters.slice(0, SHOWN - 1).join("")}…` : text);
};
