import { describe, expect, it } from "vitest";
import { parsePhones, parsePhoneTimes, parseWords, wordTimes } from "./flite-words.js";

describe("flite's output", () => {
  it("is parsed as words, with endings joined and without bare punctuation", () => {
    expect(parseWords("john 's dog , _a @ b . \nbuy it \n")).toEqual([
      ["john's", "dog", "a", "@", "b"],
      ["buy", "it"],
    ]);
  });

  it("is parsed as phones, with and without times", () => {
    expect(parsePhones("pau dh iy pau \npau ey pau \n")).toEqual([["dh", "iy"], ["ey"]]);
    expect(parsePhoneTimes("pau:0.174 l:0.344 \n")).toEqual([
      [
        { phone: "pau", endSeconds: 0.174 },
        { phone: "l", endSeconds: 0.344 },
      ],
    ]);
  });
});

describe("word times", () => {
  const spoken = parsePhoneTimes("pau:0.1 dh:0.2 ax:0.3 eh:0.4 n:0.5 d:0.6 pau:0.8\npau:0.1 ax:0.2 pau:0.5\n");
  const rounded = (
    seconds: number,
    words = [["the", "end"], ["a"]],
    alone = [["dh", "iy"], ["eh", "n", "d"], ["ey"]],
  ) =>
    wordTimes(words, alone, spoken, seconds).map(({ text, startSeconds, endSeconds }) => [
      text,
      Number(startSeconds.toFixed(3)),
      Number(endSeconds.toFixed(3)),
    ]);

  it("follow the phones even if they differ in a sentence", () => {
    expect(rounded(1.3)).toEqual([
      ["the", 0.1, 0.3],
      ["end", 0.3, 0.6],
      ["a", 0.9, 1.0],
    ]);
  });

  it("are shifted for utterances whose last pause is shorter than printed", () => {
    expect(rounded(1.1)[2]).toEqual(["a", 0.8, 0.9]);
  });

  it("place a word without phones between its neighbours", () => {
    expect(rounded(1.3, [["the", "-", "end"], ["a"]], [["dh", "ax"], [], ["eh", "n", "d"], ["ax"]])[1]).toEqual([
      "-",
      0.3,
      0.3,
    ]);
  });

  it("are empty if words and phones do not match", () => {
    expect(wordTimes([["a"]], [], spoken, 1)).toEqual([]);
    expect(wordTimes([["a"]], [["ey"]], spoken, 1)).toEqual([]);
  });
});
