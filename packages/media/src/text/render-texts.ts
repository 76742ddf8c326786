import type { TextOverlay } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { balanceLines } from "./balance-lines.js";
import { drawText } from "./draw-text.js";
import type { PaintedWords } from "./draw-words.js";
import { withFont } from "./font-file.js";
import { type CanvasLibrary, loadCanvas } from "./fonts.js";
import { looksWithin } from "./phrase-looks.js";
import { type Placed, placeTexts } from "./place-texts.js";
import { isDrawn, type PreparedText, prepareText } from "./prepare-text.js";
import { fitBlocks, type LineFilling, type TextBlocks } from "./text-block.js";
import { layOutText, type TextLayout } from "./text-layout.js";
import { wordSpans } from "./word-spans.js";

/** A picture above a canvas: PNG with alpha, and its position in pixels (even on an even canvas). */
export interface TextPicture {
  png: Buffer;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Visible from here to `toSeconds` (exclusive), in seconds of the whole clip, negative if before; always by default. */
  fromSeconds?: number;
  toSeconds?: number;
  /** Durations of appearing and vanishing, at its own ends, or those of the whole clip. */
  fadeInSeconds?: number;
  fadeOutSeconds?: number;
}

export interface TextScene {
  canvas: { width: number; height: number };
  /** The needed range of the whole clip, in its seconds: captions outside of it are not drawn. */
  stretch: { fromSeconds: number; toSeconds: number };
  /** Path of the font file with this hash. */
  fontPath: (sha256: string) => Promise<string>;
}

/**
 * Draws the texts of a clip, in order; a text without anything to draw gives no picture, captions give one for each state of their words. No
 * text, name or font ever becomes part of a command line or a filter. A text's position never depends on the stretch.
 * Throws PolyreelError `unavailable` if there are no fonts, `invalid` if a character is in none of them, a family is
 * not installed, or a font file is invalid; its field names the text: "texts[0]".
 */
export async function* renderTexts(texts: readonly TextOverlay[], scene: TextScene): AsyncGenerator<TextPicture> {
  if (!texts.some(isDrawn)) return;
  const library = await loadCanvas();
  const prepared: PreparedText[] = [];
  for (const [i, text] of texts.entries()) {
    if (!isDrawn(text)) continue;
    const field = `texts[${i}]`;
    prepared.push(await prepareText(field, text, scene.canvas, scene.fontPath, library).catch(naming(field)));
  }
  for (const [text, layouts] of place(prepared, scene, library)) {
    const picture = async (layout: TextLayout, words?: PaintedWords) => ({
      png: await encode(layout, text, library, words),
      ...layout.image,
    });
    if (text.captions) {
      const { looks, wordEnds, highlight } = text.captions;
      for (const look of looksWithin(looks, scene.stretch)) {
        const layout = layouts[look.phrase];
        if (!layout) continue;
        const { fromSeconds, toSeconds } = look;
        const ends = wordEnds[look.phrase] ?? [];
        const words = { ...look, ...(highlight && { highlight }) };
        yield { ...(await picture(withWords(layout, ends), words)), fromSeconds, toSeconds };
      }
    } else if (layouts[0])
      yield { ...(await picture(layouts[0])), ...visibility(text.overlay), ...fades(text.overlay) };
  }
}

/** For `catch`: the same error with the text's position in the recipe. */
const naming = (field: string) => (error: unknown) => {
  throw error instanceof PolyreelError ? error.at({ field }) : error;
};

/** A long word is better read small than in two parts. */
const CAPTIONS: LineFilling = { breaking: balanceLines, smallest: 0.5 };

/** Each text with the layouts of its phrases. */
function place(texts: readonly PreparedText[], { canvas }: TextScene, library: CanvasLibrary) {
  const placed: Placed<TextBlocks>[] = placeTexts(
    texts.map(({ field, overlay, style, font, phrases, captions, measure }) => {
      const fitted = fitBlocks(phrases, style, canvas, measure, captions && CAPTIONS);
      return {
        ...style,
        ...visibility(overlay),
        field,
        block: (maxHeight) => withFont(font, library, () => fitted(maxHeight)),
      };
    }),
    canvas,
  );
  return placed.flatMap(({ block: blocks, area }, i): [PreparedText, TextLayout[]][] => {
    const text = texts[i];
    return text ? [[text, inOneArea(blocks.blocks.map((block) => layOutText(block, area, text.style, canvas)))]] : [];
  });
}

/** Layouts whose pictures cover the same area: as frames of a film they need not be drawn again. */
function inOneArea(layouts: TextLayout[]): TextLayout[] {
  const images = layouts.map(({ image }) => image);
  const [x, y] = [Math.min(...images.map((image) => image.x)), Math.min(...images.map((image) => image.y))];
  const right = Math.max(...images.map((image) => image.x + image.width));
  const bottom = Math.max(...images.map((image) => image.y + image.height));
  return layouts.map((layout) => ({ ...layout, image: { x, y, width: right - x, height: bottom - y } }));
}

const withWords = (layout: TextLayout, wordEnds: readonly number[]): TextLayout => {
  const spans = wordSpans(layout.lines, wordEnds);
  return { ...layout, lines: layout.lines.map((line, i) => ({ ...line, words: spans[i] ?? [] })) };
};

async function encode(
  layout: TextLayout,
  { style, font }: PreparedText,
  library: CanvasLibrary,
  words?: PaintedWords,
): Promise<Buffer> {
  const picture = library.createCanvas(layout.image.width, layout.image.height);
  withFont(font, library, () => drawText(picture.getContext("2d"), layout, style, font, library, words));
  return await picture.encode("png");
}

const visibility = ({ fromSeconds, toSeconds }: TextOverlay): Pick<TextPicture, "fromSeconds" | "toSeconds"> => ({
  ...(fromSeconds !== undefined && { fromSeconds }),
  ...(toSeconds !== undefined && { toSeconds }),
});

const fades = ({ fadeInSeconds, fadeOutSeconds }: TextOverlay): Partial<TextPicture> => ({
  ...(fadeInSeconds > 0 && { fadeInSeconds }),
  ...(fadeOutSeconds > 0 && { fadeOutSeconds }),
});
