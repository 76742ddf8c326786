import { expect, test } from "vitest";
import { directionOf } from "./break-lines.js";
import { visualRuns } from "./line-runs.js";

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
