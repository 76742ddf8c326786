import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodePcm } from "@polyreel/media/sound";
import { alignText, speechFrames } from "@polyreel/media/speech";
import { afterAll, beforeAll, expect, it } from "vitest";
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

it.each(["rms", "slt"])("finds the words of the voice %s where its engine spoke them", async (voice) => {
  const { signal } = new AbortController();
  const errors: number[] = [];
  for (const text of TEXTS) {
    const { path, words } = await new Engines().speak({ voice, text, rate: 1, pitch: 0, signal, tempDir });
    const { path: pcm, index } = await decodePcm(path, { zeroAt: "audio", signal, tempDir });
    const aligned = alignText(text, await speechFrames(pcm, Number(index.samples)));
    expect(aligned.map((word) => word.text)).toEqual(words.map((word) => word.text));
    errors.push(...aligned.map(({ startSeconds }, i) => Math.abs(startSeconds - (words[i]?.startSeconds ?? 0))));
  }
  errors.sort((a, b) => a - b);
  expect(errors[Math.floor(errors.length * 0.5)]).toBeLessThan(0.03);
  expect(errors[Math.floor(errors.length * 0.95)]).toBeLessThan(0.2);
});
