import { expect, it, test } from "vitest";
import { sayWords, wordsFor } from "./lexicon.js";

const LEXICON = {
  ACME: "ack-me",
  "ACME X1": "the one",
  "5G": "five gee",
  live: "lyve",
  5: "V",
  "&": " and ",
  "C++": "see plus plus",
};

test.each([
  ["ACME", "ack-me"],
  ["Acme and acme", "Acme and acme"], // Written in capitals: only so.
  ["Live, LIVE and live.", "lyve, lyve and lyve."],
  ["ACME's, (ACME) ACME-like", "ack-me's, (ack-me) ack-me-like"],
  ["ACMEs, PACME, ACME_2, ACME2, ÉACME", "ACMEs, PACME, ACME_2, ACME2, ÉACME"],
  ["ACME X1 and ACME X10", "the one and ack-me X10"],
  ["5G for 5, not 5.5, 5,000 or 1.5", "five gee for V, not 5.5, 5,000 or 1.5"],
  ["Tom&Jerry", "Tom and Jerry"],
  ["C++ is not C+++", "see plus plus is not see plus plus+"],
  ["新ACME登場", "新ack-me登場"],
  ["", ""],
])("says %j as %j", (text, said) => {
  expect(sayWords(text, [LEXICON])).toBe(said);
});

it("replaces nothing twice, and takes the earliest lexicon of equally long words", () => {
  expect(sayWords("ACME Acme", [{ acme: "any", ACME: "own" }])).toBe("own any");
  expect(
    sayWords("ACME b", [
      { acme: "b", b: "c" },
      { ACME: "other", c: "d" },
    ]),
  ).toBe("b c");
});

it("finds a word however its accents are encoded, and leaves other texts as they are", () => {
  expect(sayWords("Cafe\u0301", [{ Caf\u00e9: "kaffay" }])).toBe("kaffay");
  expect(sayWords("Cafe\u0301", [{ Tee: "tea" }])).toBe("Cafe\u0301");
});

it("finds words of scripts without spaces, and letters whose lower case is longer", () => {
  expect(sayWords("今日は東京へ", [{ 東京: "とうきょう" }])).toBe("今日はとうきょうへ");
  expect(sayWords("İSTANBUL ISTANBUL", [{ istanbul: "city" }])).toBe("İSTANBUL city");
});

test.each([
  ["en-US", undefined, ["all", "english", "american"]],
  ["en", undefined, ["all", "english"]],
  ["mul", undefined, ["all"]],
  ["mul", { language: "de" }, ["all", "german"]],
])("of a voice of %s with %j", (language, settings, names) => {
  const lexicons = Object.entries({ all: "", english: "EN", american: "en-us", german: "de" }).map(([name, of]) => ({
    language: of,
    words: { name },
  }));
  expect(wordsFor({ language }, settings, lexicons).map(({ name }) => name)).toEqual(names);
});

it("takes little time for a full lexicon and a long text", () => {
  const words = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${"a b ".repeat(i % 45)}a${i}`, "x"]));
  const start = performance.now();
  sayWords("a b ".repeat(1250), [words]);
  expect(performance.now() - start).toBeLessThan(1_000);
});
