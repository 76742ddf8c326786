import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { PcmIndexSchema, VoiceRecipeSchema } from "@polyreel/contract";
import { pcmValues, SAMPLE_RATE } from "@polyreel/media/sound";
import { recogniseWords, WHISPER, wordErrorRate, words as wordsIn } from "@polyreel/media/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Engines } from "./engines/engines.js";
import { speakLine } from "./speak-line.js";

const engines = new Engines();
const { signal } = new AbortController();
let tempDir: string;
beforeAll(async () => {
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-whole-lines-"));
});
afterAll(() => rm(tempDir, { recursive: true }));

/** Changes a sound file by ffmpeg's filters. */
async function filtered(path: string, filters: string): Promise<string> {
  const changed = join(tempDir, `${Math.random()}.wav`);
  await promisify(execFile)("ffmpeg", ["-v", "error", "-i", path, "-af", filters, changed]);
  return changed;
}

/** The part of a line; of the file's speech if there is one. */
async function partOf(voice: string, text: string, file?: string) {
  const kept = file
    ? { read: async () => ({ audio: await readFile(file), words: [] }), keep: async () => {} }
    : undefined;
  const line = create(VoiceRecipeSchema, { voice, text });
  const { payloadPath, index } = await speakLine(line, engines, { signal, tempDir, ...(kept && { kept }) });
  if (index.kind?.case !== "pcm") throw new Error("The part is not PCM.");
  const { samples, words } = create(PcmIndexSchema, index.kind.value);
  return { path: payloadPath, samples, words, values: pcmValues(await readFile(payloadPath)) };
}

async function wavOf(path: string): Promise<string> {
  const wav = `${path}.wav`;
  await promisify(execFile)("ffmpeg", ["-v", "error", "-f", "f32le", "-ar", "48000", "-ac", "2", "-i", path, wav]);
  return wav;
}

const speak = (voice: string, text: string) => engines.speak({ voice, text, rate: 1, pitch: 0, signal, tempDir });

it("cuts the silence around a line, quiet or not, and shifts its words", async () => {
  const text = "Hello there";
  const plain = await partOf("rms", text);
  const { path } = await speak("rms", text);
  const padded = await partOf("rms", text, await filtered(path, "volume=-24dB,adelay=1500:all=1,apad=pad_dur=2"));
  expect(Math.abs(Number(padded.samples - plain.samples))).toBeLessThanOrEqual(SAMPLE_RATE / 100);
  expect(padded.words.map((word) => word.text)).toEqual(["Hello", "there"]);
  expect(plain.words[0]?.startSeconds).toBeLessThan(0.06);
  padded.words.forEach(({ startSeconds, endSeconds }, i) => {
    expect(Math.abs(startSeconds - (plain.words[i]?.startSeconds ?? 0))).toBeLessThan(0.06);
    expect(endSeconds).toBeLessThanOrEqual(Number(padded.samples) / SAMPLE_RATE);
  });
});

it("leaves no step where a line begins and ends, in a voice cut off and in noise", async () => {
  const text = "She walked along the river";
  const { path } = await speak("rms", text);
  const noise = "aeval='val(0)+0.02*(random(0)-0.5)':c=same";
  for (const file of [await filtered(path, "atrim=start=0.4:end=1"), await filtered(path, noise)]) {
    const { values } = await partOf("rms", text, file);
    const ends = [...values.subarray(0, 20), ...values.subarray(-20)].map(Math.abs);
    expect(Math.max(...ends)).toBeLessThan(0.01); // -40 dB of full scale.
    expect([values[0], values.at(-1)]).toEqual([0, 0].map((zero) => expect.closeTo(zero, 6)));
  }
});

// Soft consonants at the beginning and at the end, which a cut would lose.
it.for<[voice: string, text: string]>([
  ["rms", "Half of them left"],
  ["slt", "Fresh fish is cheap enough"],
  ["slt", "She thinks it has a fresh breath"],
])("of %s are heard from the first to the last sound: %s", async ([voice, text], { skip }) => {
  skip(!WHISPER, "needs Whisper, the recogniser");
  const recognised = await recogniseWords(await wavOf((await partOf(voice, text)).path));
  expect(wordsIn(recognised.map((word) => word.text).join(" "))).toEqual(wordsIn(text));
});

it("times the words of an engine that reports none", async ({ skip }) => {
  skip(!WHISPER, "needs Whisper, the recogniser");
  const errors: number[] = [];
  for (const text of [
    "She walked along the river until the morning light appeared above the mountains. Then she opened the letter.",
    "Fresh coffee, every morning. Save 25% today! Our new running shoes start at $49.99, and shipping is free.",
  ]) {
    const part = await partOf("en-us", text);
    expect(part.words.map((word) => word.text).join(" ")).toBe(text);
    const recognised = await recogniseWords(await wavOf(part.path));
    for (const word of part.words) {
      const same = recognised.filter(({ text: found }) => wordErrorRate(wordsIn(word.text), wordsIn(found)) === 0);
      const times = same.map(({ startSeconds }) => Math.abs(startSeconds - word.startSeconds));
      if (times.length > 0) errors.push(Math.min(...times));
    }
  }
  errors.sort((a, b) => a - b);
  expect(errors.length).toBeGreaterThan(25);
  expect(errors[Math.floor(errors.length * 0.5)]).toBeLessThanOrEqual(0.1);
  expect(errors[Math.floor(errors.length * 0.95)]).toBeLessThanOrEqual(0.25);
});
