import { expect, it } from "vitest";
import type { PiperConfig } from "./piper-config.js";
import { utterancesOf } from "./utterances.js";

const IDS = { _: [0], "^": [1], $: [2], " ": [3], ".": [4], ",": [5], a: [10], b: [11, 12], "\u0303": [13] };
const config: PiperConfig = {
  ...{ sampleRate: 22_050, quality: "", language: "en", espeakVoice: "en", speakers: [], lengthScale: 1, dataset: "" },
  ids: new Map(Object.entries(IDS)),
  replaced: new Map([["x", ["a", "b"]]]),
};
const of = (...sentences: [phonemes: string, mark: "" | "." | ","][][]) =>
  utterancesOf(
    sentences.map((clauses) => clauses.map(([phonemes, mark]) => ({ phonemes, mark }))),
    config,
  );

it("is beginning, phonemes and marks with a pad after each, and end, as Piper makes it", () => {
  expect(
    of([
      ["a b", ","],
      ["a", "."],
    ]),
  ).toEqual([{ ids: [1, 0, 10, 0, 3, 0, 11, 0, 12, 0, 5, 0, 3, 0, 10, 0, 4, 0, 2], pauseSeconds: 0 }]);
});

it("pauses between sentences", () => {
  expect(of([["a", "."]], [["b", "."]]).map(({ pauseSeconds }) => pauseSeconds)).toEqual([0.2, 0]);
});

it("splits accents off, replaces what the model replaces, and leaves out what it does not know", () => {
  expect(of([["ãxλ", ""]])[0]?.ids).toEqual([1, 0, 10, 0, 13, 0, 10, 0, 11, 0, 12, 0, 2]);
});

it("never takes control signs from a text", () => {
  expect(of([["a^_$a", ""]])[0]?.ids).toEqual([1, 0, 10, 0, 10, 0, 2]);
});

it("has none for a clause without sound", () => {
  expect(of([["", "."]], [["λ", "."]])).toEqual([{ ids: [1, 0, 4, 0, 2], pauseSeconds: 0 }]);
});

it("splits long sentences between words, and words only if they are longer than a run", () => {
  const runs = of([["ab ".repeat(500), "."]]);
  expect(runs.length).toBeGreaterThan(3);
  for (const { ids } of runs) expect(ids.length).toBeLessThan(610);
  expect(runs.slice(0, -1).every(({ pauseSeconds }) => pauseSeconds === 0)).toBe(true);
  expect(runs.flatMap(({ ids }) => ids).filter((id) => id === 10)).toHaveLength(500);
  const word = of([["a".repeat(5_000), "."]]);
  expect(word.flatMap(({ ids }) => ids).filter((id) => id === 10)).toHaveLength(5_000);
});
