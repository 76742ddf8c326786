import { expect, test } from "vitest";
import { estimatedWords } from "./estimated-words.js";

const words = (text: string) => estimatedWords(text, 10).map((word) => word.text);

test.each([
  ["Only $50 on the iPhone!", ["Only", "$50", "on", "the", "iPhone!"]],
  ["Great! 🎉 — buy now", ["Great! 🎉 —", "buy", "now"]],
  ["こんにちは、世界。新しい", ["こんにちは、", "世界。", "新しい"]],
  ["สวัสดีชาวโลก", ["สวัสดี", "ชาว", "โลก"]],
  ["한국 사람", ["한국", "사람"]],
  ["", []],
])("the words of %j are as they are written", (text, expected) => {
  expect(words(text)).toEqual(expected);
});

test("words follow each other over all of the line, longer ones longer, with pauses", () => {
  const times = estimatedWords("A longer one. Two", 12);
  expect(times[0]?.startSeconds).toBe(0);
  expect(times.at(-1)?.endSeconds).toBeCloseTo(12);
  const lengths = times.map(({ startSeconds, endSeconds }) => endSeconds - startSeconds);
  expect(lengths[1]).toBeGreaterThan(lengths[0] ?? 0);
  expect(lengths[2]).toBeGreaterThan(lengths[3] ?? 0);
});
