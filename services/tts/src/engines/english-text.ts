/** Replacements for signs that flite, which reads ASCII, would skip or read as bytes. */
const IN_ASCII: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u02bc]/g, "'"],
  [/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"'],
  [/[\u2013\u2014]/g, " - "],
  [/\u2026/g, "..."],
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
/** A letter of another script, or a number outside ASCII. */
const UNREADABLE = /(?![\x20-\x7e])[\p{L}\p{N}]/u;

/** Words that an English voice would skip: those of another script. */
export const unreadableWords = (text: string): string[] =>
  (withSigns(text).match(WORD) ?? []).filter((word) => UNREADABLE.test(withoutAccents(word)));

/**
 * Converts a text for an English voice: replaces typographic signs, and removes accents and everything else non-ASCII.
 */
export const asciiText = (text: string): string => withoutAccents(withSigns(text)).replace(/[^\x20-\x7e\n]+/g, " ");

const withSigns = (text: string): string => IN_ASCII.reduce((all, [sign, ascii]) => all.replace(sign, ascii), text);

const withoutAccents = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "");
