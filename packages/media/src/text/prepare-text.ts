import type { TextOverlay } from "@polyreel/contract";
import { breakLines } from "./break-lines.js";
import { captionStyle, type Highlight } from "./caption-style.js";
import { captionStates } from "./captions.js";
import { measureLine } from "./draw-line.js";
import { fontFromFile, withFont } from "./font-file.js";
import type { CanvasLibrary, TextFont } from "./fonts.js";
import { installedFamily } from "./installed-family.js";
import { refuseMissingGlyphs } from "./missing-glyphs.js";
import { type PhraseLook, phraseLooks } from "./phrase-looks.js";
import { realWeight } from "./real-weight.js";
import { type TextStyle, textStyle } from "./style.js";
import { lineWidth, type MeasureAt, wantedFontSize } from "./text-block.js";

/** When and how the phrases of captions are visible. */
export interface PreparedCaptions {
  highlight?: Highlight;
  /** Of each phrase, as in `Phrase`. */
  wordEnds: number[][];
  looks: PhraseLook[];
}

/** A text or captions, ready for layout. */
export interface PreparedText {
  /** How errors name it: "texts[0]". */
  field: string;
  overlay: TextOverlay;
  style: TextStyle;
  font: TextFont;
  /** Texts shown at the same place, one at a time; for a plain text, just that. */
  phrases: string[];
  captions?: PreparedCaptions;
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
  const captions = withFont(font, library, () => captionsOf(overlay, style, canvas, measure));
  const phrases = captions?.phrases ?? [overlay.text];
  refuseMissingGlyphs(phrases.join(" "), font, library);
  return { field, overlay, style, font, phrases, measure, ...(captions && { captions }) };
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

function captionsOf(
  overlay: TextOverlay,
  style: TextStyle,
  canvas: { width: number; height: number },
  measure: MeasureAt,
): (PreparedCaptions & { phrases: string[] }) | undefined {
  if (overlay.words.length === 0) return undefined;
  const ofWords = captionStyle(overlay);
  const fontSize = wantedFontSize(style, canvas);
  const width = lineWidth(style, canvas, fontSize);
  const lines = (phrase: string) => breakLines(phrase, width, (line) => measure(fontSize, line)).length;
  const { phrases, states } = captionStates(overlay.words, {
    words: ofWords.words,
    fits: (phrase) => lines(phrase) <= ofWords.lines,
  });
  return {
    ...(ofWords.highlight && { highlight: ofWords.highlight }),
    phrases: phrases.map(({ text }) => text),
    wordEnds: phrases.map(({ wordEnds }) => wordEnds),
    looks: phraseLooks(states, ofWords),
  };
}
