import type { TextOverlay } from "@polyreel/contract";
import { breakLines } from "./break-lines.js";
import { type CaptionState, type Captions, captionStates } from "./captions.js";
import { measureLine } from "./draw-line.js";
import { fontFromFile, withFont } from "./font-file.js";
import type { CanvasLibrary, TextFont } from "./fonts.js";
import { installedFamily } from "./installed-family.js";
import { refuseMissingGlyphs } from "./missing-glyphs.js";
import { realWeight } from "./real-weight.js";
import { type TextStyle, textStyle } from "./style.js";
import { lineWidth, type MeasureAt, wantedFontSize } from "./text-block.js";

/** A text or captions, ready for layout. */
export interface PreparedText {
  /** How errors name it: "texts[0]". */
  field: string;
  overlay: TextOverlay;
  style: TextStyle;
  font: TextFont;
  /** Texts shown at the same place, one at a time; for a plain text, just that. */
  phrases: string[];
  /** For captions: when which part of which phrase is visible. */
  states?: CaptionState[];
  /** Must be called while the font is registered (`withFont`). */
  measure: MeasureAt;
}

/** Anything but spaces and controls. */
const DRAWN = /[^\p{Z}\p{Cc}\p{Cf}]/u;

/** Whether there is anything to draw. */
export const isDrawn = ({ text, words }: TextOverlay): boolean =>
  words.length > 0 ? words.some((word) => DRAWN.test(word.text)) : DRAWN.test(text);

/** Throws PolyreelError `invalid` for an unavailable character or font, or an invalid colour. */
export async function prepareText(
  field: string,
  overlay: TextOverlay,
  canvas: { width: number; height: number },
  fontPath: (sha256: string) => Promise<string>,
  library: CanvasLibrary,
): Promise<PreparedText> {
  const style = textStyle(overlay);
  const font = await fontFor(overlay, style, fontPath, library);
  const ruler = library.createCanvas(1, 1).getContext("2d");
  const measure: MeasureAt = (fontSize, line) => measureLine(ruler, line, { font, fontSize });
  const { phrases, states } = withFont(font, library, () => phrasesOf(overlay, style, canvas, measure));
  refuseMissingGlyphs(phrases.join(" "), font, library);
  return { field, overlay, style, font, phrases, measure, ...(states && { states }) };
}

async function fontFor(
  { font, fontSha256 }: TextOverlay,
  { weight }: TextStyle,
  fontPath: (sha256: string) => Promise<string>,
  library: CanvasLibrary,
): Promise<TextFont> {
  if (fontSha256 !== "") {
    return await fontFromFile({ path: await fontPath(fontSha256), sha256: fontSha256, weight }, library);
  }
  if (font === "") return { family: undefined, weight };
  const installed = library.GlobalFonts.families.map(({ family }) => family);
  const family = installedFamily(font, installed);
  return { family, weight: realWeight(weight, family, library) };
}

const CAPTION_LINES = 2;

function phrasesOf(
  { text, words }: TextOverlay,
  style: TextStyle,
  canvas: { width: number; height: number },
  measure: MeasureAt,
): Pick<Captions, "phrases"> & Partial<Captions> {
  if (words.length === 0) return { phrases: [text] };
  const fontSize = wantedFontSize(style, canvas);
  const width = lineWidth(style, canvas, fontSize);
  const lines = (phrase: string) => breakLines(phrase, width, (line) => measure(fontSize, line)).length;
  return captionStates(words, (phrase) => lines(phrase) <= CAPTION_LINES);
}
