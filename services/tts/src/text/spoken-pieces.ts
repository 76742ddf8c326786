import { emojiParts } from "@polyreel/media/text";
import { amountRules } from "./amounts.js";
import { ENGLISH_RULES } from "./english.js";
import { fractionRules } from "./fractions.js";
import { type Piece, type Rule, splitPieces } from "./pieces.js";

/** Emoji are only for captions; engines that know them would speak their names. */
const SILENT: Rule = {
  pattern: /\S+/gu,
  spoken: ({ 0: word }) => {
    const parts = emojiParts(word);
    return parts.some(({ emoji }) => emoji) ? parts.map(({ text, emoji }) => (emoji ? "" : text)).join("") : undefined;
  },
};

/**
 * Splits a text into pieces with the words for a voice of a language (BCP 47). Engines read plain numbers themselves.
 */
export function spokenPieces(text: string, language: string): Piece[] {
  const english = language.split("-")[0] === "en" ? ENGLISH_RULES : [];
  return splitPieces(text.normalize("NFC"), [...fractionRules(language), ...amountRules(language), ...english, SILENT]);
}
