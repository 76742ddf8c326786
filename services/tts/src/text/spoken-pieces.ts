import { emojiParts } from "@polyreel/media/text";
import { amountRules } from "./amounts.js";
import { ENGLISH_RULES } from "./english.js";
import { fractionRules } from "./fractions.js";
import { type Piece, type Rule, splitPieces } from "./pieces.js";

/** Emoji are to be seen in captions; an engine that knows them would read out their names. */
const SILENT: Rule = {
  pattern: /\S+/gu,
  spoken: ({ 0: word }) => {
    const parts = emojiParts(word);
    return parts.some(({ emoji }) => emoji) ? parts.map(({ text, emoji }) => (emoji ? "" : text)).join("") : undefined;
  },
};

/** A text in pieces with what a voice of a language (BCP 47) is to read for each. Engines read plain numbers themselves. */
export function spokenPieces(text: string, language: string): Piece[] {
  const english = language.split("-")[0] === "en" ? ENGLISH_RULES : [];
  return splitPieces(text.normalize("NFC"), [...fractionRules(language), ...amountRules(language), ...english, SILENT]);
}
