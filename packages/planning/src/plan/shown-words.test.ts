import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { expect, it, test } from "vitest";
import { shownWords } from "./shown-words.js";

const SECOND = 48_000;

/** Each spoken word lasts for a second. */
const timed = (text: string): SpokenWord[] =>
  text.split(" ").map((word, i) => create(SpokenWordSchema, { text: word, startSeconds: i, endSeconds: i + 1 }));
const shown = (text: string, spoken: string) =>
  shownWords(text, { text: spoken, words: timed(spoken), samples: SECOND }).map(
    (word) => `${word.text} ${word.startSeconds.toFixed(1)}-${word.endSeconds.toFixed(1)}`,
  );

test.each([
  ["ACME™ X1", "ack-me x one", ["ACME™ 0.0-2.0", "X1 2.0-3.0"]],
  ["Buy ACME today.", "buy ack-me today", ["Buy 0.0-1.0", "ACME 1.0-2.0", "today. 2.0-3.0"]],
  ["Buy 5G today", "buy five gee today", ["Buy 0.0-1.0", "5G 1.0-3.0", "today 3.0-4.0"]],
  ["Buy ACME X1", "buy ackmexone", ["Buy 0.0-1.0", "ACME 1.0-1.6", "X1 1.6-2.0"]],
  ["The ACME", "acme", ["The ACME 0.0-1.0"]],
  ["ACME (really) now", "acme now", ["ACME (really) 0.0-1.0", "now 1.0-2.0"]],
  ["— ACME Inc.", "acme", ["— ACME Inc. 0.0-1.0"]],
  ["ACME", "it is acme", ["ACME 2.0-3.0"]],
  ["ACME now", "acme right now", ["ACME 0.0-2.0", "now 2.0-3.0"]],
  ["one one", "one", ["one one 0.0-1.0"]],
  ["one", "one one", ["one 1.0-2.0"]],
  ["1 2 3", "eins zwei drei", ["1 0.0-1.0", "2 1.0-2.0", "3 2.0-3.0"]],
])("of %j, spoken as %j", (text, spoken, expected) => {
  expect(shown(text, spoken)).toEqual(expected);
});

it("are the engine's own where the text is spoken as it is", () => {
  const words = timed("as reported");
  expect(shownWords("Half price", { text: "Half price", words, samples: SECOND })).toBe(words);
  expect(shownWords("Half price", { text: "Half price", words: [], samples: SECOND })).toEqual([]);
});

it("are estimated from what is spoken where the engine reports none", () => {
  const [first, last] = shownWords("A B", { text: "a bbbbbbbbbbbbbbb", words: [], samples: 10 * SECOND });
  expect(first).toMatchObject({ text: "A", startSeconds: 0 });
  expect(first?.endSeconds).toBeLessThan(2);
  expect(last).toMatchObject({ text: "B", endSeconds: 10 });
});

it("lose no word and go on in time, whatever is spoken", () => {
  const alphabet = ["acme", "x1", "now", "—", "one", "two"];
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed % below;
  };
  const some = (most: number) => Array.from({ length: 1 + random(most) }, () => alphabet[random(6)]).join(" ");
  for (let i = 0; i < 2_000; i++) {
    const [text, spoken] = [some(8), some(8)];
    const words = shownWords(text, { text: spoken, words: timed(spoken), samples: SECOND });
    expect(words.length === 0 ? text : words.map((word) => word.text).join(" ")).toBe(text);
    const times = words.flatMap(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    if (text !== spoken) expect(words.length).toBeGreaterThan(0);
  }
});
