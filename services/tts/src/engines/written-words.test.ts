import { create } from "@bufbuild/protobuf";
import { SpokenWordSchema } from "@polyreel/contract";
import { expect, test } from "vitest";
import { writtenWords } from "./written-words.js";

/** Words of a second each. */
const spoken = (text: string) =>
  text.split(" ").map((word, i) => create(SpokenWordSchema, { text: word, startSeconds: i, endSeconds: i + 1 }));

const written = (pieces: [written: string, reading: string][], said: string) =>
  writtenWords(
    pieces.map(([text]) => ({ written: text })),
    pieces.map(([, reading]) => reading.split(" ").filter(Boolean)),
    spoken(said),
  ).map(({ text, startSeconds, endSeconds }) => [text, startSeconds, endSeconds]);

test("a piece lasts from its first word to its last", () => {
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

test("words that are read otherwise in their sentence stay where they are", () => {
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

test("what is not spoken joins the piece before it, or else the next", () => {
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

test("nothing spoken is nothing", () => {
  expect(writtenWords([{ written: "a" }], [["a"]], [])).toEqual([]);
});
