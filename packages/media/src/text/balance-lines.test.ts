import { expect, test } from "vitest";
import { balanceLines } from "./balance-lines.js";

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const measure = (line: string) => [...segmenter.segment(line)].length;
const lines = (text: string, width: number) => balanceLines(text, width, measure).map((line) => line.text);

test.each<[string, number, string[]]>([
  ["Half price today", 20, ["Half price today"]],
  ["Half price today only", 20, ["Half price", "today only"]],
  ["a b c d e f g h i", 15, ["a b c d e", "f g h i"]],
  ["an incomprehensible word", 17, ["an", "incomprehensible", "word"]],
  ["an incomprehensible word", 8, ["an", "incompre", "hensible", "word"]],
  ["one two three\nfour", 10, ["one two", "three", "four"]],
  ["これはとても長い文です", 8, ["これはとても", "長い文です"]],
  ["", 10, []],
])("%j in %i is %j", (text, width, expected) => {
  expect(lines(text, width)).toEqual(expected);
});

test("never gives more lines than without, nor loses anything", () => {
  const text = "Everything in the shop is half price, but only until the end of November.";
  for (let width = 3; width < 80; width++) {
    expect(lines(text, width).join(" ").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    for (const line of lines(text, width)) expect(measure(line)).toBeLessThanOrEqual(width);
  }
});
