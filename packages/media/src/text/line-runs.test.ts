import { expect, test } from "vitest";
import { directionOf } from "./break-lines.js";
import { visualRuns } from "./line-runs.js";
import { wordSpans } from "./word-spans.js";

test.each<[string, string[]]>([
  ["one line", ["one line"]],
  ["שלום abc", ["שלום abc"]],
  ["a ⭐️b", ["a ", "⭐️", "b"]],
  ["⭐🏳️‍🌈1️⃣ 1", ["⭐", "🏳️‍🌈", "1️⃣", " 1"]],
  ["שלום ⭐ עולם", [" עולם", "⭐", "שלום "]],
  ["שלום 🌈 abc ⭐ 12", ["abc ", "⭐", " 12", " ", "🌈", "שלום "]],
  ["abc ⭐ שלום 🌈 עולם!", ["abc ", "⭐", " ", " עולם", "🌈", "שלום ", "!"]],
])("%j is drawn in the visual order of its runs", (text, expected) => {
  const runs = visualRuns({ text, direction: directionOf(text) });
  expect(runs.map((run) => run.text)).toEqual(expected);
});

test("text has its own direction", () => {
  const runs = visualRuns({ text: "שלום ⭐ abc 12", direction: "rtl" });
  expect(runs.map(({ text, direction, emoji }) => [text, direction, emoji])).toEqual([
    ["abc 12", "ltr", false],
    [" ", "rtl", false],
    ["⭐", "rtl", true],
    ["שלום ", "rtl", false],
  ]);
});

test.each<[string, string, number[], [string, number | undefined][]]>([
  [
    "words",
    "one two",
    [3, 6],
    [
      ["one", 0],
      [" ", undefined],
      ["two", 1],
    ],
  ],
  [
    "words from right to left",
    "שלום עולם",
    [4, 8],
    [
      ["עולם", 1],
      [" ", undefined],
      ["שלום", 0],
    ],
  ],
  [
    "words without spaces",
    "你好世界",
    [2, 4],
    [
      ["你好", 0],
      ["世界", 1],
    ],
  ],
  [
    "emoji of a word",
    "so ⭐ it",
    [3, 5],
    [
      ["so ", 0],
      ["⭐", 0],
      [" ", undefined],
      ["it", 1],
    ],
  ],
  [
    "words of both directions",
    "קנו iPhone ב 12 שקלים",
    [3, 9, 10, 12, 17],
    [
      ["שקלים", 4],
      [" ", undefined],
      ["12", 3],
      [" ", undefined],
      ["ב", 2],
      [" ", undefined],
      ["iPhone", 1],
      [" ", undefined],
      ["קנו", 0],
    ],
  ],
])("%s are separate runs", (_what, text, wordEnds, expected) => {
  const [words = []] = wordSpans([{ text }], wordEnds);
  const runs = visualRuns({ text, direction: directionOf(text), words });
  expect(runs.map((run) => [run.text, run.word])).toEqual(expected);
});
