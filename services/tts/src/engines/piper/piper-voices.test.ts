import { expect, it } from "vitest";
import type { PiperConfig } from "./piper-config.js";
import type { PiperModel } from "./piper-model.js";
import { voicesOf } from "./piper-voices.js";

const BUILDS = { runtime: "1.2", espeak: "espeak-ng 1.51/data 0" };
const model = (name: string, config: Partial<PiperConfig> = {}, sha256 = "a"): PiperModel => ({
  ...{ name, path: `/voices/${name}.onnx`, sizeBytes: 1, sha256, configSha256: "c" },
  config: {
    ...{ sampleRate: 22_050, quality: "", language: "en-US", espeakVoice: "en-us", speakers: [], lengthScale: 1 },
    ...{ ids: new Map(), replaced: new Map(), dataset: "" },
    ...config,
  },
});
const namesOf = (...models: PiperModel[]) =>
  voicesOf(models, BUILDS).map(({ voice: { name, shortName } }) => [name, shortName]);

it("have short names where only one model would have it", () => {
  expect(namesOf(model("en_US-joe-medium"), model("en_US-amy-low"), model("en_US-amy-medium"), model("mine"))).toEqual([
    ["en_US-joe-medium", "joe"],
    ["en_US-amy-low", ""],
    ["en_US-amy-medium", ""],
    ["mine", ""],
  ]);
});

it("are one for each speaker", () => {
  const two = voicesOf([model("en_GB-vctk-medium", { speakers: ["p225", "1"] })], BUILDS);
  expect(two.map(({ voice, speaker }) => [voice.name, voice.shortName, speaker])).toEqual([
    ["en_GB-vctk-medium#p225", "vctk#p225", 0],
    ["en_GB-vctk-medium#1", "vctk#1", 1],
  ]);
});

it("have another build for other bytes of either file, and name espeak-ng where it reads", () => {
  const buildOf = (one: PiperModel) => voicesOf([one], BUILDS)[0]?.voice.build;
  const builds = [model("a"), model("a", {}, "b"), { ...model("a"), configSha256: "d" }].map(buildOf);
  expect(new Set(builds).size).toBe(3);
  expect(builds[0]).toMatch(/^piper 1\/model [0-9a-f]{16}\/onnxruntime-web 1\.2\/espeak-ng 1\.51\/data 0$/);
  expect(buildOf(model("a", { espeakVoice: undefined }))).toMatch(/1\.2$/);
});
