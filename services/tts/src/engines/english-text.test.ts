import { expect, it } from "vitest";
import { asciiText, unreadableWords } from "./english-text.js";

it.each([
  ["don’t “quote” — dash…", 'don\'t "quote"  -  dash...'],
  ["café naïve Œuvre", "cafe naive oeuvre"],
  ["in €", "in  euros "],
  ["great 😀👍🏽!", "great  !"],
  ["two\nlines", "two\nlines"],
])("%s is read as %s", (text, plain) => {
  expect(asciiText(text)).toBe(plain);
});

it.each([
  ["Hello, мой мир", ["мой", "мир"]],
  ["café, naïve Größe, 5 m²", []],
])("in %j it cannot read %j", (text, words) => {
  expect(unreadableWords(text)).toEqual(words);
});
