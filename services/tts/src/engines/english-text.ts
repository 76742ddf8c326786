import { PolyreelError } from "@polyreel/platform/errors.js";

/** Signs that flite, which reads ASCII, would leave out or read as their bytes. */
const IN_ASCII: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u02bc]/g, "'"],
  [/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"'],
  [/[\u2013\u2014]/g, " - "],
  [/\u2026/g, "..."],
  [/\u20ac\s?(\d[\d.,]*\d|\d)/g, "$1 euros"],
  [/\u00a3\s?(\d[\d.,]*\d|\d)/g, "$1 pounds"],
  [/\u00a5\s?(\d[\d.,]*\d|\d)/g, "$1 yen"],
  [/\u20ac/g, " euros "],
  [/\u00a3/g, " pounds "],
  [/\u00a5/g, " yen "],
  [/\u00b0/g, " degrees "],
  [/\u00d7/g, " times "],
  [/\u00df/g, "ss"],
  [/\u00e6/gi, "ae"],
  [/\u0153/gi, "oe"],
  [/\u00f8/gi, "o"],
  [/\u0142/gi, "l"],
];

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;
/** A letter of another script, or a number that ASCII does not have. */
const UNSAYABLE = /(?![\x20-\x7e])[\p{L}\p{N}]/u;

/**
 * Text as an English voice can read it: typographic signs as plain ones, accents left out, emoji dropped. Throws PolyreelError
 * `invalid` where words of another script stand in it (they would be left out without a word) or nothing is left to say.
 */
export function englishText(text: string, voice: string): string {
  const signed = IN_ASCII.reduce((all, [sign, ascii]) => all.replace(sign, ascii), text);
  const unsayable = (signed.match(WORD) ?? []).filter((word) => UNSAYABLE.test(withoutAccents(word)));
  if (unsayable.length > 0) {
    throw new PolyreelError("invalid", {
      reason: `The voice "${voice}" speaks English only and cannot say "${unsayable.slice(0, 3).join(" ")}".`,
      remedy: "Choose a voice of the text's language: `polyreel voices` lists them.",
    });
  }
  return withoutAccents(signed).replace(/[^\x20-\x7e\n]+/g, " ");
}

const withoutAccents = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "");
