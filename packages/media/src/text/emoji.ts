const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Characters that may make a grapheme an emoji: most texts have none of these, and are not segmented. */
const HINT = /\p{Emoji_Presentation}|\p{Emoji_Modifier}|\u200d|\u20e3|\ufe0f/u;

/**
 * A grapheme that is displayed as an emoji (UTS #51): by default, by a variation selector or skin tone, as a keycap, or
 * as a joined sequence. U+FE0E requests text.
 */
const EMOJI = new RegExp(
  [
    "^(?:\\p{Emoji_Presentation}(?!\\ufe0e)",
    "\\p{Emoji}\\ufe0f",
    "\\p{Emoji}\\p{Emoji_Modifier}",
    "[0-9#*]\\u20e3",
    "\\p{Extended_Pictographic}\\u200d\\p{Extended_Pictographic})",
  ].join("|"),
  "u",
);

/** A part of a text: one emoji, or everything between two of them. */
export interface EmojiPart {
  text: string;
  emoji: boolean;
}

/** Splits a text around its emoji, in order. */
export function emojiParts(text: string): EmojiPart[] {
  if (!HINT.test(text)) return [{ text, emoji: false }];
  const parts: EmojiPart[] = [];
  for (const { segment } of graphemes.segment(text)) {
    const emoji = EMOJI.test(segment);
    const last = parts.at(-1);
    if (emoji || !last || last.emoji) parts.push({ text: segment, emoji });
    else last.text += segment;
  }
  return parts;
}
