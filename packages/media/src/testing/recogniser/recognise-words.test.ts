import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { wordErrorRate, words } from "../recognise-speech.js";
import { recogniseWords, WHISPER } from "./recognise-words.js";

const TEXT = "She opened the letter from her brother, and read every word of it twice.";

it("recognises speech, with times in order", async ({ skip }) => {
  skip(!WHISPER, "needs Whisper, the recogniser");
  const folder = await mkdtemp(join(tmpdir(), "polyreel-whisper-"));
  try {
    const wav = join(folder, "speech.wav");
    execFileSync("flite", ["-voice", "rms", "-t", TEXT, "-o", wav]);
    const recognised = await recogniseWords(wav);
    expect(wordErrorRate(words(TEXT), words(recognised.map(({ text }) => text).join(" ")))).toBe(0);
    const times = recognised.flatMap(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeGreaterThan(3);
  } finally {
    await rm(folder, { recursive: true });
  }
});
