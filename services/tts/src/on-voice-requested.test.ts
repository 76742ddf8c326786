import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { PartRequestedSchema, VoiceRecipeSchema } from "@polyreel/contract";
import { PartStore } from "@polyreel/media/parts/part-store.js";
import { recipeHash } from "@polyreel/media/parts/recipe-hash.js";
import { openFolderStore } from "@polyreel/platform/store/folder-store.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Engines } from "./engines/engines.js";
import { onVoiceRequested, type VoiceDeps } from "./on-voice-requested.js";
import { SingleFlight } from "./single-flight.js";

const { signal } = new AbortController();
const engines = new Engines();
let folder: string;
let deps: VoiceDeps & { parts: PartStore };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-voice-"));
  const tempDir = join(folder, "making");
  await mkdir(tempDir);
  const parts = new PartStore(await openFolderStore(join(folder, "store")));
  deps = { engines, parts, speaking: new SingleFlight(), tempDir };
});
afterEach(() => rm(folder, { recursive: true }));

function request(voice: string, text: string) {
  const recipe = create(VoiceRecipeSchema, { voice, text });
  const hash = recipeHash("voice", VoiceRecipeSchema, recipe);
  return create(PartRequestedSchema, { batchId: "b1", attempt: 1, hash, recipe: { case: "voice", value: recipe } });
}

it("speaks a line once, and tells its length, words and loudness", async () => {
  const line = request("rms", "Hello there");
  const ready = await onVoiceRequested(line, deps, signal);
  expect(ready).toMatchObject({ batchId: "b1", attempt: 1, hash: line.hash, reused: false });
  const index = await deps.parts.pcm("voice", line.hash);
  expect(index?.samples).toBe(ready.speechSamples);
  expect(Number(ready.speechSamples) / 48000).toBeGreaterThan(0.7);
  expect(Number(ready.speechSamples) / 48000).toBeLessThan(2);
  expect(index?.words.map(({ text }) => text)).toEqual(["hello", "there"]);
  expect(Math.max(...(index?.momentaryLufs ?? []))).toBeGreaterThan(-30);
  expect(await onVoiceRequested(line, deps, signal)).toMatchObject({
    reused: true,
    speechSamples: ready.speechSamples,
  });
  expect(await readdir(deps.tempDir)).toEqual([]);
});

it("speaks a line once for two batches that ask at the same time", async () => {
  let spoken = 0;
  const counting = {
    speak: (speak: Parameters<Engines["speak"]>[0]) => {
      spoken++;
      return engines.speak(speak);
    },
  };
  const ready = await Promise.all(
    [0, 1].map(() => onVoiceRequested(request("en-us", "Twice"), { ...deps, engines: counting }, signal)),
  );
  expect(spoken).toBe(1);
  expect(ready.map(({ reused }) => reused).sort()).toEqual([false, true]);
});

it.each([
  ["zzzz", "Hello", 'The voice "zzzz" is not installed.'],
  ["rms", "Привет", 'The voice "rms" speaks English only and cannot say "Привет".'],
  ["rms", "😀", 'The voice "rms" has no sound for this text.'],
  ["rms", " ... ", "There is nothing to say in this text."],
])("voice %s cannot say %j", async (voice, text, reason) => {
  await expect(onVoiceRequested(request(voice, text), deps, signal)).rejects.toMatchObject({
    code: "invalid",
    failure: { reason },
  });
  expect(await readdir(deps.tempDir)).toEqual([]);
});

it("leaves nothing behind when cancelled", async () => {
  const controller = new AbortController();
  const speaking = onVoiceRequested(request("rms", "A long story. ".repeat(300)), deps, controller.signal);
  setTimeout(() => controller.abort(), 150);
  await expect(speaking).rejects.toThrow();
  await expect.poll(() => readdir(deps.tempDir)).toEqual([]);
  expect(await deps.parts.has("voice", request("rms", "A long story. ".repeat(300)).hash)).toBe(false);
});
