import type { Rule } from "./pieces.js";

/** Fractions in languages whose engines read them in English or skip them; the other languages need no help. */
const FRACTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  es: { "½": "medio", "¼": "un cuarto", "¾": "tres cuartos", "⅓": "un tercio", "⅔": "dos tercios" },
  nl: { "½": "half", "¼": "een kwart", "¾": "driekwart", "⅓": "een derde", "⅔": "twee derde" },
  sv: { "½": "en halv", "¼": "en fjärdedel", "¾": "tre fjärdedelar", "⅓": "en tredjedel", "⅔": "två tredjedelar" },
  ru: { "½": "половина", "¼": "четверть", "¾": "три четверти", "⅓": "треть", "⅔": "две трети" },
  tr: { "½": "yarım", "¼": "çeyrek", "¾": "dörtte üç", "⅓": "üçte bir", "⅔": "üçte iki" },
  en: {
    ...{ "½": "half", "¼": "quarter", "¾": "three quarters", "⅓": "one third", "⅔": "two thirds", "⅕": "one fifth" },
    ...{ "⅖": "two fifths", "⅗": "three fifths", "⅘": "four fifths", "⅙": "one sixth", "⅚": "five sixths" },
    ...{ "⅛": "one eighth", "⅜": "three eighths", "⅝": "five eighths", "⅞": "seven eighths", "⅒": "one tenth" },
    ...{ "1/2": "half", "1/4": "quarter", "3/4": "three quarters", "1/3": "one third", "2/3": "two thirds" },
  },
};

/** The word between a whole number and its fraction. */
const AND: Readonly<Record<string, string>> = { es: "y", nl: "en een", sv: "och", ru: "и", tr: "", en: "and" };

const PATTERN = /(?<![\d/.,])(?:(?<whole>\d+)[\s\u2064]?)??(?<fraction>[½¼¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅒]|[123]\/[234](?![\d/]))/gu;

/** Rules for fractions in words: "½ price" as half price, "1½ cups" as one and a half cups. */
export function fractionRules(language: string): Rule[] {
  const [base = ""] = language.split("-");
  const words = FRACTIONS[base];
  if (!words) return [];
  return [
    {
      pattern: PATTERN,
      spoken: ({ groups = {} }) => {
        const { whole, fraction = "" } = groups;
        const word = words[fraction];
        if (word === undefined || whole === undefined) return word;
        const article = base === "en" && /^(half|quarter)$/.test(word) ? "a " : "";
        return [whole, AND[base], article + word].filter(Boolean).join(" ");
      },
    },
  ];
}
