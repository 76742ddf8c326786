import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recogniseWords, WHISPER, wordErrorRate, words } from "@polyreel/media/testing";
import { expect, it } from "vitest";
import { Engines } from "./engines/engines.js";

/** Voices that must be understood, with the highest word error rate. espeak-ng's are clear, but not natural: 0.16. */
const VOICES = [
  { voice: "rms", highest: 0.1 },
  { voice: "slt", highest: 0.1 },
];
/** Without numbers, which a recogniser writes as digits. */
const TEXT =
  "She walked along the river until the morning light appeared above the mountains. Then she opened the letter from her " +
  "brother and read every word of it twice before she began to smile.";

it.for(VOICES)("$voice is intelligible", async ({ voice, highest }, { skip }) => {
  skip(!WHISPER, "needs Whisper, the recogniser");
  const tempDir = await mkdtemp(join(tmpdir(), "polyreel-intelligible-"));
  try {
    const { signal } = new AbortController();
    const { path } = await new Engines().speak({ voice, text: TEXT, rate: 1, pitch: 0, signal, tempDir });
    const recognised = await recogniseWords(path);
    expect(wordErrorRate(words(TEXT), words(recognised.map(({ text }) => text).join(" ")))).toBeLessThanOrEqual(
      highest,
    );
    const times = recognised.flatMap(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  } finally {
    await rm(tempDir, { recursive: true });
  }
});
