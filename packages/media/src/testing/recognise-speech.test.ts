import { expect, it } from "vitest";
import { wordErrorRate, words } from "./recognise-speech.js";

it.each([
  ["One, two three!", "one two three", 0],
  ["one two three four", "one too three for you", 0.75],
  ["one two", "", 1],
])("of %j heard as %j so many words are wrong", (said, heard, rate) => {
  expect(wordErrorRate(words(said), words(heard))).toBe(rate);
});
