import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodePcm } from "@polyreel/media/sound/decode.js";
import { LoudnessProfile } from "@polyreel/media/sound/loudness-profile.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flite, parseVoices } from "./flite.js";

const { signal } = new AbortController();
let tempDir: string;
beforeAll(async () => {
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-flite-"));
});
afterAll(() => rm(tempDir, { recursive: true }));

it("lists what is installed, the best understood first, and not the voice that only tells the time", () => {
  const voices = parseVoices("Voices available: kal awb_time kal16 awb rms slt \n");
  expect(voices.map(({ name }) => name)).toEqual(["rms", "slt", "awb", "kal16", "kal"]);
  expect(voices[1]).toMatchObject({ engine: "flite", language: "en-US", gender: "female", wordTimes: true });
});

describe.each(["rms", "slt", "kal"])("%s", (voice) => {
  it("tells word times that are true to the sound, over sentences too", async () => {
    const text = "Hello there. Buy it today. The end is near.";
    const { path, words } = await flite.speak({ voice, text, signal, tempDir });
    expect(words.map((word) => word.text)).toEqual("hello there buy it today the end is near".split(" "));
    const { index } = await decodePcm(path, { zeroAt: "audio", signal, tempDir });
    const profile = new LoudnessProfile(index);
    const level = (fromSeconds: number, toSeconds: number) =>
      profile.integrated(Math.round(fromSeconds * 48000), Math.round(toSeconds * 48000));
    for (const [before, after] of [
      ["there", "buy"],
      ["today", "the"],
    ]) {
      const end = words.find(({ text }) => text === before)?.endSeconds ?? 0;
      const start = words.find(({ text }) => text === after)?.startSeconds ?? 0;
      const middle = (end + start) / 2;
      expect(start - end).toBeGreaterThan(0.15);
      // Between sentences it is still; the words on either side are not.
      expect(level(middle - 0.05, middle + 0.05)).toBeLessThan(-40);
      expect(level(end - 0.25, end)).toBeGreaterThan(-35);
      expect(level(start, start + 0.25)).toBeGreaterThan(-35);
    }
    expect(words.at(-1)?.endSeconds).toBeLessThan(Number(index.samples) / 48000);
  });
});

it("says a last word of one letter", async () => {
  const { words } = await flite.speak({ voice: "kal16", text: "vitamin C", signal, tempDir });
  expect(words.map((word) => word.text)).toEqual(["vitamin", "c"]);
});

it("takes text as text, whatever it looks like", async () => {
  const { words } = await flite.speak({ voice: "kal16", text: "-voice /etc/passwd $(ls) `id`", signal, tempDir });
  expect(words.map((word) => word.text)).toEqual(expect.arrayContaining(["voice", "id"]));
});
