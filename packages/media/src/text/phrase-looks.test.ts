import { expect, test } from "vitest";
import type { CaptionStyle } from "./caption-style.js";
import { captionStates } from "./captions.js";
import { looksWithin, phraseLooks } from "./phrase-looks.js";

const colour = { red: 255, green: 230, blue: 0, alpha: 1 };
const highlight = { colour, shape: "letters" as const };

/** A phrase of words at 0, 0.5 and 1 s, of 0.3 s each; the pause before the last one is too short to be shown. */
const { states } = captionStates(
  [
    { text: "a", startSeconds: 0, endSeconds: 0.3 },
    { text: "b", startSeconds: 0.5, endSeconds: 0.95 },
    { text: "c", startSeconds: 1, endSeconds: 1.3 },
  ],
  { fits: () => true },
);
const looks = (style: Pick<CaptionStyle, "reveal" | "highlight">) =>
  phraseLooks(states, { ...style, words: 6, lines: 2 }).map((look) => [
    Number(look.fromSeconds.toFixed(3)),
    Number(look.toSeconds.toFixed(3)),
    look.shown,
    look.highlighted && [look.highlighted.first, look.highlighted.end],
    look.growing && [look.growing.first, look.growing.end, look.growing.scale],
  ]);
const ALL = Number.POSITIVE_INFINITY;

test("words appear as they are spoken", () => {
  expect(looks({ reveal: "spoken" })).toEqual([
    [0, 0.5, 1, undefined, undefined],
    [0.5, 1, 2, undefined, undefined],
    [1, 1.7, 3, undefined, undefined],
  ]);
});

test("a phrase at once is a single look", () => {
  expect(looks({ reveal: "phrase" })).toEqual([[0, 1.7, ALL, undefined, undefined]]);
});

test("a highlight lasts as long as its word", () => {
  expect(looks({ reveal: "phrase", highlight })).toEqual([
    [0, 0.3, ALL, [0, 1], undefined],
    [0.3, 0.5, ALL, undefined, undefined],
    [0.5, 1, ALL, [1, 2], undefined],
    [1, 1.3, ALL, [2, 3], undefined],
    [1.3, 1.7, ALL, undefined, undefined],
  ]);
});

test("a word pops in, highlighted all the while", () => {
  expect(looks({ reveal: "pop", highlight }).slice(0, 5)).toEqual([
    [0, 0.04, 1, [0, 1], [0, 1, 0.85]],
    [0.04, 0.08, 1, [0, 1], [0, 1, 1.04]],
    [0.08, 0.3, 1, [0, 1], undefined],
    [0.3, 0.5, 1, undefined, undefined],
    [0.5, 0.54, 2, [1, 2], [1, 2, 0.85]],
  ]);
  expect(looks({ reveal: "pop" })).toHaveLength(9);
});

test("a stretch has the looks visible in it", () => {
  const all = phraseLooks(states, { reveal: "spoken", words: 6, lines: 2 });
  const within = (fromSeconds: number, toSeconds: number) =>
    looksWithin(all, { fromSeconds, toSeconds }).map(({ shown }) => shown);
  expect(within(0, 10)).toEqual([1, 2, 3]);
  expect(within(0.6, 0.7)).toEqual([2]);
  expect(within(2, 10)).toEqual([]);
});
