import type { Rule } from "./pieces.js";

/** With their full stop: engines spell them, or treat the stop as the end of a sentence. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ...{ "Dr.": "Doctor", "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Prof.": "Professor", "Jr.": "Junior" },
  ...{ "Sr.": "Senior", "Mt.": "Mount", "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road", "Inc.": "Incorporated" },
  ...{
    "Ltd.": "Limited",
    "Corp.": "Corporation",
    "vs.": "versus",
    vs: "versus",
    "e.g.": "for example",
    "i.e.": "that is",
  },
  ...{ "etc.": "et cetera", "approx.": "approximately", "incl.": "including", "excl.": "excluding", "min.": "minimum" },
  ...{ "max.": "maximum", "dept.": "department", "w/": "with", "w/o": "without", "&": "and" },
  ...{ "Gov.": "Governor", "Sen.": "Senator", "Capt.": "Captain" },
};

const MONTHS: Readonly<Record<string, string>> = {
  ...{ Jan: "January", Feb: "February", Mar: "March", Apr: "April", Jun: "June", Jul: "July", Aug: "August" },
  ...{ Sep: "September", Sept: "September", Oct: "October", Nov: "November", Dec: "December" },
};

const TENS = [
  "hundreds",
  "tens",
  "twenties",
  "thirties",
  "forties",
  "fifties",
  "sixties",
  "seventies",
  "eighties",
  "nineties",
];

const BEFORE = "(?<![\\p{L}\\p{N}])";
const AFTER = "(?![\\p{L}\\p{N}])";
const either = (words: readonly string[]): string =>
  words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replace(/[./]/g, "\\$&"))
    .join("|");

/** Matches the end of a text or sentence: an abbreviation's stop there also ends the sentence. */
const ENDS = /^\s*(?:$|\n|[\u201d"')\]]*\s+\p{Lu})/u;
/** Abbreviations that may end a sentence. */
const MAY_END = /^(?:Jr|Sr|Ave|Blvd|Rd|Inc|Ltd|Corp|etc|min|max|incl|excl)\.$/;

/** Rules for text that English engines would spell, skip or misread. */
export const ENGLISH_RULES: readonly Rule[] = [
  {
    pattern: new RegExp(`${BEFORE}(?:${either(Object.keys(ABBREVIATIONS))})${AFTER}`, "gu"),
    spoken: ({ 0: word, index, input }) => {
      const full = ABBREVIATIONS[word];
      if (full === undefined) return undefined;
      const ends = MAY_END.test(word) && ENDS.test(input.slice(index + word.length));
      return ends ? `${full}.` : full;
    },
  },
  {
    // Saint is before a name, Street after one.
    pattern: new RegExp(`${BEFORE}St\\.`, "gu"),
    spoken: ({ 0: word, index, input }) => {
      const after = input.slice(index + word.length);
      if (/^\s+\p{Lu}/u.test(after) && !/\p{Lu}\p{L}+\s+$/u.test(input.slice(0, index))) return "Saint";
      return ENDS.test(after) ? "Street." : "Street";
    },
  },
  {
    pattern: new RegExp(`${BEFORE}(?<month>${either(Object.keys(MONTHS))})\\.?(?=\\s\\d)`, "gu"),
    spoken: ({ groups }) => MONTHS[groups?.month ?? ""],
  },
  { pattern: /(?<![\p{L}\p{N}])24\/7(?![\p{N}/])/gu, spoken: () => "twenty four seven" },
  { pattern: /(?:№\s?|(?<![\p{L}\p{N}&])(?:#|No\.\s))(?=\d)/gu, spoken: () => "number " },
  { pattern: /(?<![\p{L}\p{N}&])#(?=\p{L})/gu, spoken: () => "hashtag " },
  { pattern: /(?<![\p{L}\p{N}])@(?=\p{L})/gu, spoken: () => "at " },
  {
    pattern: /(?<![\p{L}\p{N}.])(?<times>\d+(?:\.\d+)?)[x×](?![\p{L}\p{N}])/gu,
    spoken: ({ groups }) => `${groups?.times} times`,
  },
  {
    pattern: /(?<![\p{L}\p{N}])(?<century>1[1-9]|20|['’]?)(?<tens>\d)0s(?![\p{L}\p{N}])/gu,
    spoken: ({ groups: { century = "", tens = "" } = {} }) =>
      tens === "0" || tens === "1" ? undefined : `${century.replace(/['’]/, "")} ${TENS[Number(tens)]}`.trim(),
  },
  {
    // A range of two numbers; three would be a telephone number or a date.
    pattern: /(?<![\p{L}\p{N}–-])(?<from>\d+(?:[.,]\d+)*)\s?[–—]\s?(?<to>\d+(?:[.,]\d+)*)(?![–\p{L}\p{N}-])/gu,
    spoken: ({ groups }) => `${groups?.from} to ${groups?.to}`,
  },
];
