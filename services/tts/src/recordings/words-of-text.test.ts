import { create } from "@bufbuild/protobuf";
import { SpokenWordSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { wordsOfText } from "./words-of-text.js";
import { wordsWithin } from "./words-within.js";

const heard = (text: string) =>
  text.split(" ").map((word, i) => create(SpokenWordSchema, { text: word, startSeconds: i, endSeconds: i + 1 }));

const shown = (text: string, spoken: string) =>
  wordsOfText(text, heard(spoken)).map((word) => [word.text, word.startSeconds, word.endSeconds]);

it("shows the words that were heard where there is no text", () => {
  expect(shown("", "half price")).toEqual([
    ["half", 0, 1],
    ["price", 1, 2],
  ]);
});

it("shows the words of the text one by one if they are as many", () => {
  expect(shown("Half price!", "haf prize")).toEqual([
    ["Half", 0, 1],
    ["price!", 1, 2],
  ]);
});

it("matches others in their order", () => {
  expect(shown("Only $50 – today!", "only fifty dollars today")).toEqual([
    ["Only", 0, 1],
    ["$50 –", 1, 3],
    ["today!", 3, 4],
  ]);
  expect(shown("Come and see us", "come see us")).toEqual([
    ["Come and", 0, 1],
    ["see", 1, 2],
    ["us", 2, 3],
  ]);
});

it("takes the words of a stretch, counted from its start", () => {
  const words = wordsWithin(heard("a b c d"), 0.7, 2.6).map((word) => [
    word.text,
    ...[word.startSeconds, word.endSeconds].map((seconds) => Number(seconds.toFixed(3))),
  ]);
  expect(words).toEqual([
    ["b", 0.3, 1.3],
    ["c", 1.3, 1.9],
  ]);
});
