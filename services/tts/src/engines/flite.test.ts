import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodePcm, pcmValues } from "@polyreel/media/sound";
import { levelDb } from "@polyreel/media/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flite, parseBuild, parseVoices } from "./flite.js";
import { installedEngineContract } from "./testing/engine-contract.js";
import { voiceHertz } from "./testing/voice-hertz.js";
import { wavSeconds } from "./wav.js";

const { signal } = new AbortController();
let tempDir: string;
beforeAll(async () => {
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-flite-"));
});
afterAll(() => rm(tempDir, { recursive: true }));

installedEngineContract(flite);

it.each([
  [
    "  Carnegie Mellon University, all rights reserved\n  version: flite-2.2-current Sep 2018 (http://cmuflite.org)\n",
    "flite-2.2-current Sep 2018",
  ],
  ["  version: flite-1.4-release Dec 2008\n", "flite-1.4-release Dec 2008"],
])("reads its build from %j", (printed, build) => {
  expect(parseBuild(printed)).toBe(build);
});

it("lists installed voices, the most intelligible first, without the talking clock", () => {
  const voices = parseVoices("Voices available: kal awb_time kal16 awb rms slt \n");
  expect(voices.map(({ name }) => name)).toEqual(["rms", "slt", "awb", "kal16", "kal"]);
  expect(voices[1]).toMatchObject({ engine: "flite", language: "en-US", gender: "female", wordTimes: true });
});

describe.each([
  ["rms", 1, 0],
  ["slt", 1, 0],
  ["kal", 1, 0],
  ["rms", 0.5, 0],
  ["slt", 1.5, 4],
  ["kal", 2, -3],
])("%s at %f times its speed, %i semitones higher", (voice, rate, pitch) => {
  it("returns word times that match the sound, also across sentences", async () => {
    const text = "Hello there. Buy it today. The end is near.";
    const { path, words } = await flite.speak({ voice, text, rate, pitch, signal, tempDir });
    expect(words.map((word) => word.text)).toEqual(text.split(" "));
    const decoded = await decodePcm(path, { zeroAt: "audio", signal, tempDir });
    const sound = pcmValues(await readFile(decoded.path));
    for (const [before, after] of [
      ["there.", "Buy"],
      ["today.", "The"],
    ]) {
      const end = words.find(({ text }) => text === before)?.endSeconds ?? 0;
      const start = words.find(({ text }) => text === after)?.startSeconds ?? 0;
      const middle = (end + start) / 2;
      expect(start - end).toBeGreaterThan(0.15 / rate);
      // Silent between sentences, but not in the words before and after.
      expect(levelDb(sound, middle - 0.05 / rate, middle + 0.05 / rate)).toBeLessThan(-40);
      expect(levelDb(sound, end - 0.25 / rate, end)).toBeGreaterThan(-35);
      expect(levelDb(sound, start, start + 0.25 / rate)).toBeGreaterThan(-35);
    }
    expect(words.at(-1)?.endSeconds).toBeLessThan(sound.length / 2 / 48000);
  });
});

describe.each(["slt", "kal16"])("%s", (voice) => {
  const speak = async (rate: number, pitch: number) => {
    const text = "She walked along the river until the morning light appeared.";
    return (await flite.speak({ voice, text, rate, pitch, signal, tempDir })).path;
  };
  const seconds = async (rate: number) => wavSeconds(await readFile(await speak(rate, 0)));
  const hertz = async (pitch: number) => voiceHertz(await speak(1, pitch), tempDir);

  it("speaks at the requested rate", async () => {
    const own = await seconds(1);
    for (const rate of [0.25, 0.7, 2, 4]) {
      // Phones are rounded to whole frames, so the fastest speech is slightly slower than requested.
      const times = own / (await seconds(rate));
      expect(times / rate).toBeGreaterThan(0.85);
      expect(times / rate).toBeLessThan(1.02);
    }
  });

  it("speaks at the requested pitch", async () => {
    expect(Math.abs(12 * Math.log2((await hertz(12)) / (await hertz(4))) - 8)).toBeLessThan(1);
    if (voice === "kal16") return; // Its own pitch is too low to measure.
    expect(Math.abs(12 * Math.log2((await hertz(-5)) / (await hertz(0))) + 5)).toBeLessThan(0.7);
  });
});

it.each([
  "Save $50 on the iPhone.",
  "½ price — today, at McDonald's!",
  "Dr. Smith paid €1,299.99 in 1990, i.e. 5 km from St. James St.",
  "Wi-Fi (5 GB/s) & YouTube: 24/7, 10–20% off 😀 now",
  "“Hello,” she said: “it's 5:30pm.”\nThen: vitamin C",
])("returns the words of %j as written, in order", async (text) => {
  const { path, words } = await flite.speak({ voice: "kal", text, rate: 1, pitch: 0, signal, tempDir });
  expect(words.map((word) => word.text).join(" ")).toBe(text.replace("\n", " "));
  let before = 0;
  for (const { startSeconds, endSeconds } of words) {
    expect(startSeconds).toBeGreaterThanOrEqual(before - 0.001);
    expect(endSeconds).toBeGreaterThan(startSeconds);
    before = endSeconds;
  }
  expect(before).toBeLessThan(wavSeconds(await readFile(path)));
});

it("speaks a last word of one letter", async () => {
  const { words } = await flite.speak({ voice: "kal16", text: "vitamin C", rate: 1, pitch: 0, signal, tempDir });
  expect(words.map((word) => word.text)).toEqual(["vitamin", "C"]);
});

it("never treats text as options or commands", async () => {
  const text = "-voice /etc/passwd $(ls) `id`";
  const { words } = await flite.speak({ voice: "kal16", text, rate: 1, pitch: 0, signal, tempDir });
  expect(words.map((word) => word.text)).toEqual(text.split(" "));
});
