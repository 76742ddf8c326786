import { describe, expect, test } from "vitest";
import { breakLines, directionOf } from "./break-lines.js";

/** Every grapheme has a width of 1. */
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const measure = (line: string) => [...segmenter.segment(line)].length;
const lines = (text: string, width: number) => breakLines(text, width, measure).map((line) => line.text);

describe("breaks lines", () => {
  test.each<[string, string, number, string[]]>([
    ["at spaces", "Half price today only", 10, ["Half price", "today only"]],
    ["after hyphens, before no punctuation", "state-of-the-art, really!", 9, ["state-of-", "the-art,", "really!"]],
    ["never at a no-break space", "10\u00a0000 km to go", 6, ["10\u00a0000", "km to", "go"]],
    ["at line ends of the text", "one\ntwo\r\nthree", 20, ["one", "two", "three"]],
    ["and keeps blank lines within, but none around", "\n\none\n\ntwo\n \n", 20, ["one", "", "two"]],
    ["in a word that is too long", "an incomprehensible word", 8, ["an", "incompre", "hensible", "word"]],
    ["and continues after a word that was cut", "abcdefghij k", 8, ["abcdefgh", "ij k"]],
    ["between graphemes, not in them", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦🇮🇳🇮🇳", 3, ["👨‍👩‍👧‍👦👨‍👩‍👧‍👦🇮🇳", "🇮🇳"]],
    ["with one grapheme per line if none fits", "né", 0.5, ["n", "é"]],
    ["in Chinese, not before punctuation", "这是一个很长的句子，对吗。", 9, ["这是一个很长的句", "子，对吗。"]],
    ["in Japanese, not after an opening bracket", "日本語「です」", 4, ["日本語", "「です」"]],
    ["in Thai between words", "สวัสดีชาวโลก!", 6, ["สวัสดี", "ชาว", "โลก!"]],
    ["without controls, and with tabs as spaces", "a\tb\u0000c\u0007", 20, ["a bc"]],
    ["of nothing: none", " \n\t", 20, []],
  ])("%s", (_where, text, width, expected) => {
    expect(lines(text, width)).toEqual(expected);
  });
});

test("no line exceeds the width, and nothing is lost", () => {
  const text = "Ein Satz mit Donaudampfschifffahrtsgesellschaft und 中文字符 und ภาษาไทยที่ยาวมาก und עברית.";
  for (let width = 1; width < 60; width++) {
    const broken = lines(text, width);
    expect(Math.max(...broken.map(measure))).toBeLessThanOrEqual(width);
    expect(broken.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
  }
});

test.each<[string, "ltr" | "rtl"]>([
  ["Hello שלום", "ltr"],
  ["שלום Hello", "rtl"],
  ["123 (مرحبا)", "rtl"],
  ["123!", "ltr"],
  ["\u200fABC", "rtl"],
  ["ދިވެހި", "rtl"],
])("the direction of %j is %s", (text, direction) => {
  expect(directionOf(text)).toBe(direction);
});

test("every line of a paragraph has the paragraph's direction, not that of its own first letter", () => {
  expect(breakLines("שלום hello\nhello שלום", 5, measure)).toEqual([
    { text: "שלום", direction: "rtl" },
    { text: "hello", direction: "rtl" },
    { text: "hello", direction: "ltr" },
    { text: "שלום", direction: "ltr" },
  ]);
});
