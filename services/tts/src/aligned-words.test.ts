import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodePcm } from "@polyreel/media/sound";
import { speechFrames } from "@polyreel/media/speech";
import { afterAll, beforeAll, expect, it } from "vitest";
import { alignedWords, readWords } from "./aligned-words.js";
import { Engines } from "./engines/engines.js";

const TEXTS = [
  "Fresh coffee, every morning.",
  "Save 25% today! Our new running shoes start at $49.99, and shipping is free. Order before Friday, and get a second pair for half the price.",
  "Tired of slow mornings? Meet BrewMax, the coffee maker that starts before you do. Set it once; wake up to the smell of fresh espresso.",
];

let tempDir: string;
beforeAll(async () => {
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-aligned-"));
});
afterAll(() => rm(tempDir, { recursive: true }));

it.each([
  ["Buy 2 – or 3 😀!", ["Buy", "2 –", "or", "3 😀!"], ["Buy", "2", "or", "3"]],
  ["– $20 million & more", ["– $20 million", "&", "more"], ["20 million dollars", "and", "more"]],
  ["今日は良い", ["今日", "は", "良い"], ["今日", "は", "良い"]],
  ["...", [], []],
])("reads the words of %j", (text, written, spoken) => {
  const words = readWords(text, "en-US");
  expect(words.map((word) => word.text)).toEqual(written);
  expect(words.map((word) => word.spoken)).toEqual(spoken);
});

// By phonemes, and by letters where the language is not known.
it.each([
  { voice: "rms", language: "en-US", within: 0.1 },
  { voice: "slt", language: "mul", within: 0.2 },
])("finds the words of $voice where its engine spoke them, as $language", async ({ voice, language, within }) => {
  const { signal } = new AbortController();
  const errors: number[] = [];
  for (const text of TEXTS) {
    const { path, words } = await new Engines().speak({ voice, text, rate: 1, pitch: 0, signal, tempDir });
    const { path: pcm, index } = await decodePcm(path, { zeroAt: "audio", signal, tempDir });
    const frames = await speechFrames(pcm, Number(index.samples));
    const aligned = await alignedWords(text, language, frames, signal);
    expect(aligned.map((word) => word.text)).toEqual(words.map((word) => word.text));
    errors.push(...aligned.map(({ startSeconds }, i) => Math.abs(startSeconds - (words[i]?.startSeconds ?? 0))));
  }
  errors.sort((a, b) => a - b);
  expect(errors[Math.floor(errors.length * 0.5)]).toBeLessThan(0.03);
  expect(errors[Math.floor(errors.length * 0.95)]).toBeLessThan(within);
});
