import type { TextOverlay } from "@polyreel/contract";
import { MAX_WORDS } from "./phrases.js";
import { type Colour, parseColour } from "./text-colour.js";

/** How the words of captions appear: each when it is spoken, all of a phrase at once, or each growing to its size. */
export type Reveal = "spoken" | "phrase" | "pop";

export interface Highlight {
  colour: Colour;
  /** What has that colour: the letters of the word being spoken, or a box behind them. */
  shape: "letters" | "box";
}

/** The style of captions beyond that of any text. */
export interface CaptionStyle {
  reveal: Reveal;
  highlight?: Highlight;
  /** Of a phrase, at most. */
  words: number;
  lines: number;
}

const LINES = 2;

/** The style of captions in a clip's recipe. Throws PolyreelError `invalid` for an invalid colour. */
export const captionStyle = (overlay: TextOverlay): CaptionStyle => ({
  reveal: overlay.reveal === "phrase" || overlay.reveal === "pop" ? overlay.reveal : "spoken",
  ...(overlay.highlightColor !== "" && {
    highlight: {
      colour: parseColour(overlay.highlightColor),
      shape: overlay.highlightShape === "box" ? "box" : "letters",
    },
  }),
  words: overlay.maxWords || MAX_WORDS,
  lines: overlay.maxLines || LINES,
});
