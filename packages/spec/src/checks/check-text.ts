import type { Block } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import type { Suggestions } from "../nearest.js";
import { quote, quoteAll } from "../quote.js";
import { checkCaptions } from "./check-captions.js";
import { checkSource } from "./check-source.js";
import { checkTextPlace } from "./check-text-place.js";

/** Checks a text block's captions, fonts and place. `at` is the block's own path. */
export function checkText(
  { name, kind }: Block,
  at: string,
  blocks: readonly Block[],
  suggestions: Suggestions,
): Mistake[] {
  if (kind.case !== "text") return [];
  const { font, fontFile, choices, start, duration } = kind.value;
  const mistakes = [
    ...checkSource(fontFile, `${at}.text.fontFile`),
    ...checkTextPlace(kind.value, `${at}.text`),
    ...checkCaptions(kind.value, `${at}.text`),
  ];
  if (font && fontFile) {
    mistakes.push({
      field: `${at}.text.font`,
      reason: `Text block ${quote(name)} has both a font family and a font file.`,
      remedy: "Leave one of them out.",
    });
  }
  for (const [index, { label, text, captions }] of choices.entries()) {
    if (!captions) continue;
    const place = { choice: label, field: `${at}.text.choices[${index}].captions` };
    if (text.trim() !== "") {
      mistakes.push({
        ...place,
        reason: "The choice has both a text and captions.",
        remedy: "Make two text blocks of it, or leave one of them out.",
      });
    }
    if (start || duration) {
      mistakes.push({
        ...place,
        field: `${at}.text.${start ? "start" : "duration"}`,
        reason: "Captions appear as their words are spoken: they have no start and no duration.",
        remedy: "Leave start and duration out, or put the other choices into a block of their own.",
      });
    }
    mistakes.push(...voiceMistakes(captions, blocks, suggestions).map((mistake) => ({ ...place, ...mistake })));
  }
  return mistakes.map((mistake) => ({ ...mistake, block: name }));
}

function voiceMistakes(
  captions: string,
  blocks: readonly Block[],
  suggestions: Suggestions,
): Pick<Mistake, "reason" | "remedy">[] {
  const voices = blocks.filter(({ kind }) => kind.case === "voice").map(({ name }) => name);
  if (voices.includes(captions)) return [];
  const exists = blocks.some(({ name }) => name === captions);
  const reason = `The captions follow ${quote(captions)}, ${exists ? "which is no voice block" : "and there is no block of that name"}.`;
  if (voices.length === 0) return [{ reason, remedy: "Add the voice block, or write a text instead." }];
  const near = suggestions.nearest(captions, voices);
  const be = voices.length === 1 ? "The voice block is" : "The voice blocks are";
  return [{ reason, remedy: `${near ? `Did you mean ${quote(near)}? ` : ""}${be} ${quoteAll(voices)}.` }];
}
