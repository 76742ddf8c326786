import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { VoiceRecipeSchema } from "@polyreel/contract";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Engines } from "./engines/engines.js";
import { speakLine } from "./speak-line.js";

const engines = new Engines();
let tempDir: string;

beforeEach(async () => {
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-voice-"));
});
afterEach(() => rm(tempDir, { recursive: true }));

const line = (voice: string, text: string) => create(VoiceRecipeSchema, { voice, text });
const { signal } = new AbortController();

it("returns a line's length, words and loudness", async () => {
  const { payloadPath, index } = await speakLine(line("rms", "Hello there"), engines, { signal, tempDir });
  if (index.kind?.case !== "pcm") throw new Error("The part is not PCM.");
  const { samples = 0n, words = [], loudnessLufs = [] } = index.kind.value;
  expect((await stat(payloadPath)).size).toBe(Number(samples) * 8);
  expect(Number(samples) / 48000).toBeGreaterThan(0.7);
  expect(Number(samples) / 48000).toBeLessThan(2);
  expect(words.map(({ text }) => text)).toEqual(["Hello", "there"]);
  expect(Math.max(...loudnessLufs)).toBeGreaterThan(-30);
});

it.each([
  ["zzzz", "Hello", 'The voice "zzzz" is not installed.'],
  ["rms", "Привет", 'The voice "rms" (en-US) cannot read "Привет".'],
  ["ja", "今日は良い天気です", 'The voice "ja" (ja) cannot read "今日 良 天気".'],
  ["rms", "😀", 'The voice "rms" has no sound for this text.'],
  ["rms", " ... ", "This text has nothing to speak."],
])("voice %s cannot speak %j", async (voice, text, reason) => {
  await expect(speakLine(line(voice, text), engines, { signal, tempDir })).rejects.toMatchObject({
    code: "invalid",
    failure: { reason },
  });
});

it("stops when aborted", async () => {
  const controller = new AbortController();
  const speaking = speakLine(line("rms", "A long story. ".repeat(300)), engines, {
    signal: controller.signal,
    tempDir,
  });
  setTimeout(() => controller.abort(), 150);
  await expect(speaking).rejects.toThrow();
});
