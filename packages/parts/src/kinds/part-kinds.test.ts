import { create } from "@bufbuild/protobuf";
import { RecordingSchema, requestedKinds, Stage, VoiceRecipeSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { partOfIndexKey, payloadKey } from "./part-key.js";
import { kindOfStage, kindsMadeBy, type PartKindName, partKinds } from "./part-kinds.js";

const names = Object.keys(partKinds) as PartKindName[];

it("keeps the kinds of earlier releases, with their store keys and labels", () => {
  expect(names).toEqual(expect.arrayContaining(["voice", "clip", "sound", "pcm"]));
  expect(partKinds.clip.stage).toBe(Stage.CLIP);
  expect(partKinds.sound.stage).toBe(Stage.SOUND);
  expect(partKinds.voice.stage).toBe(Stage.VOICE);
});

it("finds each kind under its own name, stage and store keys", () => {
  for (const name of names) {
    expect(partKinds[name].name).toBe(name);
    const hash = "ab".repeat(32);
    expect(partOfIndexKey(`${payloadKey(name, hash)}.index`)).toEqual({ kind: name, hash });
    expect(partOfIndexKey(payloadKey(name, hash))).toBeUndefined();
  }
  for (const kind of requestedKinds) expect(kindOfStage(partKinds[kind].stage)).toBe(kind);
  expect(kindOfStage(Stage.JOIN)).toBeUndefined();
  expect(partOfIndexKey(`parts/unknown/${"ab".repeat(32)}.index`)).toBeUndefined();
});

it("assigns a service to each requested kind, and a maker to each of its recipes", async () => {
  expect([...kindsMadeBy("renderer"), ...kindsMadeBy("tts")].sort()).toEqual([...requestedKinds].sort());
  for (const kind of kindsMadeBy("renderer")) {
    const { making, recipes } = partKinds[kind];
    const { make } = await making.load();
    expect(Object.keys(make).sort()).toEqual(Object.keys(recipes).sort());
  }
});

it("begins the cost class of every recipe with its kind", () => {
  expect(
    partKinds.clip.recipes.transition.costClass({ $typeName: "polyreel.v1.TransitionRecipe", kind: "", color: "" }),
  ).toMatch(/^clip /);
  const line = create(VoiceRecipeSchema, { text: "Hello" });
  expect(partKinds.voice.recipes.voice.costClass(line)).toBe("voice");
  line.recording = create(RecordingSchema);
  expect(partKinds.voice.recipes.voice.costClass(line)).toBe("voice recording");
  expect(partKinds.sound.recipes.sound.costClass()).toBe("sound");
});
