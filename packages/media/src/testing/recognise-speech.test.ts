import { expect, it } from "vitest";
import { wordErrorRate, words } from "./recognise-speech.js";

it.each([
  ["One, two three!", "one two three", 0],
  ["one two three four", "one too three for you", 0.75],
  ["one two", "", 1],
])("computes the word error rate of %j recognised as %j", (spoken, recognised, rate) => {
  expect(wordErrorRate(words(spoken), words(recognised))).toBe(rate);
});
