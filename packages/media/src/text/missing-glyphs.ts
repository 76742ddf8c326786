import type { Canvas, SKRSContext2D } from "@napi-rs/canvas";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { LRUCache } from "lru-cache";
import { fontOf, INSTALL } from "./fonts.js";

const SIZE = 24;

/** Characters beyond ASCII that should leave something on the canvas: no marks, spaces and controls. */
const VISIBLE = /(?!\p{ASCII})[^\p{M}\p{Z}\p{C}]|\p{Co}|\p{Cn}/gu;

/** Which code points have a glyph, as far as they have been looked at. */
const known = new LRUCache<string, boolean>({ max: 20_000 });

/**
 * Throws PolyreelError `invalid` where no installed font has a character: it would stand as an empty box in every video.
 * The library doesn't tell, so each character is drawn and compared with one that no font has.
 */
export function refuseMissingGlyphs(text: string, createCanvas: (width: number, height: number) => Canvas): void {
  const unknown = new Set(text.match(VISIBLE)?.filter((character) => !known.has(character)));
  if (unknown.size > 0) {
    const context = createCanvas(2 * SIZE, 2 * SIZE).getContext("2d");
    context.font = fontOf(SIZE);
    const missing = picture(context, "\u{10ffff}");
    for (const character of unknown) known.set(character, !picture(context, character).equals(missing));
  }
  const lacking = [...new Set(text.match(VISIBLE)?.filter((character) => known.get(character) === false))];
  if (lacking.length === 0) return;
  const shown = lacking.slice(0, 5).map((character) => `${character} (U+${codePoint(character)})`);
  throw new PolyreelError("invalid", {
    reason: `No installed font has ${shown.join(", ")}${lacking.length > 5 ? " and others" : ""}.`,
    remedy: `Leave it out, or use fonts that have it. ${INSTALL}`,
  });
}

function picture(context: SKRSContext2D, character: string): Buffer {
  context.clearRect(0, 0, 2 * SIZE, 2 * SIZE);
  context.fillText(character, SIZE / 2, SIZE * 1.4);
  return Buffer.from(context.getImageData(0, 0, 2 * SIZE, 2 * SIZE).data.buffer);
}

const codePoint = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
