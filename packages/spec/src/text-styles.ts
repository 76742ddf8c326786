import { create } from "@bufbuild/protobuf";
import {
  HighlightShape,
  type TextBlock,
  TextBoxSchema,
  TextOutlineSchema,
  TextShadowSchema,
  TextStyle,
} from "@polyreel/contract";

/** What a style sets; a block's own fields override each of them. */
interface Look {
  readonly size: number;
  readonly weight: number;
  readonly box?: { readonly color: string; readonly padding: number; readonly radius: number };
  readonly outline?: { readonly color: string; readonly width: number };
  readonly shadow?: { readonly color: string; readonly blur: number; readonly offset: number };
  /** Of a phrase of captions. */
  readonly words: number;
  readonly highlight?: string;
}

/** A strong yellow, legible on dark and bright pictures when outlined. */
const YELLOW = "#ffe600";
const LINES = 2;

const LOOKS: Readonly<Partial<Record<TextStyle, Look>>> = {
  [TextStyle.BOLD_POP]: { size: 0.15, weight: 900, outline: { color: "#000000", width: 0.1 }, words: 3 },
  [TextStyle.KARAOKE]: {
    size: 0.09,
    weight: 800,
    outline: { color: "#000000", width: 0.08 },
    words: 6,
    highlight: YELLOW,
  },
  [TextStyle.BOXED]: { size: 0.075, weight: 700, box: { color: "#000000cc", padding: 0.4, radius: 0.35 }, words: 6 },
  [TextStyle.MINIMAL]: {
    size: 0.055,
    weight: 400,
    // Both translucent: together a soft edge that is legible on white, too.
    outline: { color: "#00000090", width: 0.05 },
    shadow: { color: "#000000b0", blur: 0.2, offset: 0 },
    words: 7,
  },
};

/** Whether the style marks the word being spoken. */
export const highlights = (style: TextStyle): boolean => style === TextStyle.KARAOKE || style === TextStyle.BOLD_POP;

export const hasCaptions = ({ choices }: TextBlock): boolean => choices.some(({ captions }) => captions !== "");

/** Fills in what the block's style sets and the block itself doesn't. */
export function applyTextStyle(block: TextBlock): void {
  const look = LOOKS[block.style];
  if (!look) return;
  block.size ||= look.size;
  block.weight ||= look.weight;
  fillBox(block, look);
  fillOutline(block, look);
  fillShadow(block, look);
  if (!hasCaptions(block)) return;
  block.words ??= look.words;
  block.lines ??= LINES;
  if (!highlights(block.style)) return;
  block.highlight ||= look.highlight ?? (block.highlightShape ? YELLOW : "");
  if (block.highlight) block.highlightShape ||= HighlightShape.LETTERS;
}

function fillBox(block: TextBlock, { box: look }: Look): void {
  if (!look) return;
  block.box ??= create(TextBoxSchema);
  block.box.color ||= look.color;
  block.box.padding ??= look.padding;
  block.box.radius ??= look.radius;
}

function fillOutline(block: TextBlock, { outline: look }: Look): void {
  if (!look) return;
  block.outline ??= create(TextOutlineSchema);
  block.outline.color ||= look.color;
  block.outline.width ||= look.width;
}

function fillShadow(block: TextBlock, { shadow: look }: Look): void {
  if (!look) return;
  block.shadow ??= create(TextShadowSchema);
  block.shadow.color ||= look.color;
  block.shadow.blur ||= look.blur;
  block.shadow.offset ??= look.offset;
}
