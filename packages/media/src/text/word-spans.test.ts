import { expect, test } from "vitest";
import { characters, wordSpans } from "./word-spans.js";

/** The words' texts in each line; words separated by "|". */
function spansOf(phrase: string, lines: string[]) {
  const words = phrase.split("|");
  const ends = words.map((_, i) => characters(words.slice(0, i + 1).join("")));
  return wordSpans(
    lines.map((text) => ({ text })),
    ends,
  ).map((spans, i) => spans.map(({ word, start, end }) => [word, lines[i]?.slice(start, end)]));
}

test.each<[string, string, string[], [number, string][][]]>([
  [
    "in two lines",
    "ab|c.|👍🏽|$1.50",
    ["ab c.", "👍🏽 $1.50"],
    [
      [
        [0, "ab"],
        [1, "c."],
      ],
      [
        [2, "👍🏽"],
        [3, "$1.50"],
      ],
    ],
  ],
  [
    "that are cut",
    "abcdef|g",
    ["abcd", "ef g"],
    [
      [[0, "abcd"]],
      [
        [0, "ef"],
        [1, "g"],
      ],
    ],
  ],
  [
    "with spaces inside",
    "so ⭐|b",
    ["so ⭐ b"],
    [
      [
        [0, "so ⭐"],
        [1, "b"],
      ],
    ],
  ],
  [
    "without spaces between",
    "你好|世界",
    ["你好世", "界"],
    [
      [
        [0, "你好"],
        [1, "世"],
      ],
      [[1, "界"]],
    ],
  ],
  ["of nothing but controls", "\u0000|a", ["a"], [[[1, "a"]]]],
  ["that don't reach the end", "a", ["ab"], [[[0, "ab"]]]],
])("words %s", (_which, phrase, lines, expected) => {
  expect(spansOf(phrase, lines)).toEqual(expected);
});

test("characters are counted without spaces and controls, composed", () => {
  expect(characters(" e\u0301 \u0007b\n👍")).toBe(3);
});
