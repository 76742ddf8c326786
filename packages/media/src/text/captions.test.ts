import { describe, expect, test } from "vitest";
import { captionStates } from "./captions.js";

/** Words of 0.2 s, every 0.3 s; a number is a pause in seconds before the next word. */
function spoken(start: number, ...parts: (string | number)[]) {
  let at = start;
  return parts.flatMap((part) => {
    if (typeof part === "number") {
      at += part - 0.1;
      return [];
    }
    const word = { text: part, startSeconds: at, endSeconds: at + 0.2 };
    at += 0.3;
    return [word];
  });
}

const always = () => true;
const phrases = (words: ReturnType<typeof spoken>, fits: (phrase: string) => boolean = always) =>
  captionStates(words, { fits }).phrases.map(({ text }) => text);
const rounded = (words: ReturnType<typeof spoken>) =>
  captionStates(words, { fits: always }).states.map(({ phrase, words, fromSeconds, spokenToSeconds, toSeconds }) => [
    phrase,
    words,
    ...[fromSeconds, spokenToSeconds, toSeconds].map((seconds) => Number(seconds.toFixed(3))),
  ]);

describe("a phrase ends", () => {
  test.each<[string, (string | number)[], string[]]>([
    ["after six words at most, parted evenly", "a b c d e f g h".split(" "), ["a b c d", "e f g h"]],
    ["never with one last word", "aa bb cc dd ee ff gg".split(" "), ["aa bb cc dd", "ee ff gg"]],
    ["at a pause of more than 0.6 s", ["one", "two", 0.65, "three"], ["one two", "three"]],
    ["not at a shorter one", ["one", "two", 0.55, "three"], ["one two three"]],
    [
      "with its sentence",
      "That is it. Really? Yes, “really.”".split(" "),
      ["That is it.", "Really?", "Yes, “really.”"],
    ],
    [
      "with its sentence and the emoji behind",
      ["Great!\u00a0🎉", "Is", "it?", "No.", "Yes."],
      ["Great!\u00a0🎉", "Is it?", "No.", "Yes."],
    ],
    ["not with a title", "Ask Dr. Smith of St. James.".split(" "), ["Ask Dr. Smith of St. James."]],
    ["not with initials", "J. R. Ewing of U.S. fame".split(" "), ["J. R. Ewing of U.S. fame"]],
    ["after 5 p.m. at the end of a sentence", "Open to 5 p.m. Come in!".split(" "), ["Open to 5 p.m.", "Come in!"]],
    ["not after an abbreviation", "It is approx. five cm. long".split(" "), ["It is approx. five cm. long"]],
    ["in small letters, too", "buy it now. it is new.".split(" "), ["buy it now.", "it is new."]],
    ["not with a month before its day", "Only until Nov. 30, not more.".split(" "), ["Only until Nov. 30, not more."]],
    [
      "with clauses, not with an abbreviation",
      "½ price for everything in the shop ⭐, until Nov. 30, and not one day longer!".split(" "),
      ["½ price for everything in", "the shop ⭐, until Nov. 30,", "and not one day longer!"],
    ],
    ["not in a price", "Pay $1.50 today.".split(" "), ["Pay $1.50 today."]],
    [
      "after a clause, if that is nearly as even",
      "If you buy it now, we send another for free".split(" "),
      ["If you buy it now,", "we send another for free"],
    ],
    ["of nothing: none", ["", "  "], []],
  ])("%s", (_when, parts, expected) => {
    expect(phrases(spoken(0, ...parts))).toEqual(expected);
  });

  test("before a word that doesn't fit, but has at least one word", () => {
    expect(phrases(spoken(0, "aa", "bb", "cccccccccc", "d"), (phrase) => phrase.length <= 5)).toEqual([
      "aa bb",
      "cccccccccc",
      "d",
    ]);
  });
});

test("words of scripts without spaces are joined without them", () => {
  expect(phrases(spoken(0, "你好", "，世界", "hello", "世", "界"))).toEqual(["你好 ，世界 hello 世界"]);
  expect(phrases(spoken(0, "こんにちは、", "世界"))).toEqual(["こんにちは、世界"]);
});

test("a phrase stays until 0.4 s after its last word, or until the next one begins", () => {
  expect(rounded(spoken(1, "one", "two", 0.8, "three"))).toEqual([
    [0, 1, 1, 1.3, 1.3],
    [0, 2, 1.3, 1.5, 1.9],
    [1, 1, 2.3, 2.5, 2.9],
  ]);
  expect(rounded(spoken(0, ..."a b ccc. d".split(" "))).slice(-2)).toEqual([
    [0, 3, 0.6, 0.9, 0.9],
    [1, 1, 0.9, 1.1, 1.5],
  ]);
});

test("a word is spoken until it ends; a pause of up to 0.1 s belongs to it, a longer one does not", () => {
  expect(rounded(spoken(0, "one", 0.15, "two", 0.2, "three")).map(([, , from, to]) => [from, to])).toEqual([
    [0, 0.2],
    [0.35, 0.55],
    [0.75, 0.95],
  ]);
  expect(rounded(spoken(0, "one", "two")).map(([, , from, to]) => [from, to])).toEqual([
    [0, 0.3],
    [0.3, 0.5],
  ]);
});

test("words that begin together appear together; none appears before the clip", () => {
  const word = (text: string, startSeconds: number) => ({ text, startSeconds, endSeconds: startSeconds });
  const { states } = captionStates([word("b", 0.5), word("a", -0.05), word("c", 0.5)], { fits: always });
  expect(states).toEqual([
    { phrase: 0, words: 1, beginning: 1, fromSeconds: 0, spokenToSeconds: 0, toSeconds: 0.5 },
    { phrase: 0, words: 3, beginning: 2, fromSeconds: 0.5, spokenToSeconds: 0.5, toSeconds: 0.9 },
  ]);
});

test("a phrase has at most as many words as allowed", () => {
  const { phrases } = captionStates(spoken(0, ..."a b c d e f g".split(" ")), { words: 3, fits: always });
  expect(phrases).toEqual([
    { text: "a b c", wordEnds: [1, 2, 3] },
    { text: "d e", wordEnds: [1, 2] },
    { text: "f g", wordEnds: [1, 2] },
  ]);
});
