import { create } from "@bufbuild/protobuf";
import { VoiceSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { type ListedVoices, needsInOrder, type VoiceNeed, withVoices } from "./index.js";
import { blueprint, speaker } from "./testing/world.js";

const listed = (build: string, defaultVoice = "rms"): ListedVoices => ({
  voices: [create(VoiceSchema, { name: "rms", build }), create(VoiceSchema, { name: "en-us", build: "espeak-ng 1" })],
  defaultVoice,
});

/** The one line of a batch whose voice is named so. */
function line(voice: string, voices?: ListedVoices): VoiceNeed {
  const unvoiced = blueprint([speaker({ choices: [{ text: "Hello", voice }] })]);
  const [need] = needsInOrder(voices ? withVoices(unvoiced, voices) : unvoiced);
  return need?.kind === "voice" ? need : expect.fail("There is no line.");
}

it("plans a line for its voice's build: another build gives another part, the same build the same one", () => {
  const before = line("rms", listed("flite 1"));
  expect(before.recipe).toMatchObject({ voice: "rms", build: "flite 1" });
  expect(line("rms", listed("flite 1")).hash).toBe(before.hash);
  expect(line("rms", listed("flite 2")).hash).not.toBe(before.hash);
  expect(line("en-us", listed("flite 2")).hash).toBe(line("en-us", listed("flite 1")).hash);
});

it("plans a line without a voice as one of the default voice", () => {
  expect(line("", listed("flite 1")).hash).toBe(line("rms", listed("flite 1")).hash);
  expect(line("", listed("flite 1", "en-us")).recipe).toMatchObject({ voice: "en-us", build: "espeak-ng 1" });
});

it.each([
  ["nobody", listed("flite 1")],
  ["", listed("flite 1", "")],
  ["rms", undefined],
])("takes no part of an earlier build for the voice %j, which is not listed", (voice, voices) => {
  expect(line(voice, voices).recipe).toMatchObject({ voice, build: "unlisted" });
});

it("plans for a speech service that does not state builds as before there were any", () => {
  expect(line("rms", listed("")).recipe.build).toBe("");
});
