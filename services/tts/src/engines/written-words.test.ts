import { create } from "@bufbuild/protobuf";
import { SpokenWordSchema } from "@polyreel/contract";
import { expect, test } from "vitest";
import { writtenWords } from "./written-words.js";

/** Words of one second each. */
const spoken = (text: string) =>
  text.split(" ").map((word, i) => create(SpokenWordSchema, { text: word, startSeconds: i, endSeconds: i + 1 }));

const written = (pieces: [written: string, reading: string][], words: string) =>
  writtenWords(
    pieces.map(([text]) => ({ written: text })),
    pieces.map(([, reading]) => reading.split(" ").filter(Boolean)),
    spoken(words),
  ).map(({ text, startSeconds, endSeconds }) => [text, startSeconds, endSeconds]);

test("a piece has the start of its first word and the end of its last", () => {
  const pieces: [string, string][] = [
    ["Save", "save"],
    ["$50", "fifty dollars"],
    ["on", "on"],
    ["the", "the"],
    ["iPhone.", "iphone"],
  ];
  expect(written(pieces, "save fifty dollars on the iphone")).toEqual([
    ["Save", 0, 1],
    ["$50", 1, 3],
    ["on", 3, 4],
    ["the", 4, 5],
    ["iPhone.", 5, 6],
  ]);
});

test("words that are read differently in a sentence keep their order", () => {
  const pieces: [string, string][] = [
    ["in", "in"],
    ["1990", "one thousand nine hundred ninety"],
    ["St.", "street"],
    ["James", "james"],
  ];
  expect(written(pieces, "in nineteen ninety saint james").map(([text]) => text)).toEqual([
    "in",
    "1990",
    "St.",
    "James",
  ]);
});

test("unspoken pieces join the previous piece, or else the next", () => {
  const pieces: [string, string][] = [
    ["😀", ""],
    ["Wow", "wow"],
    ["—", ""],
    ["great", "great"],
    ["👍", ""],
  ];
  expect(written(pieces, "wow great")).toEqual([
    ["😀 Wow —", 0, 1],
    ["great 👍", 1, 2],
  ]);
});

test("returns nothing if nothing was spoken", () => {
  expect(writtenWords([{ written: "a" }], [["a"]], [])).toEqual([]);
});
