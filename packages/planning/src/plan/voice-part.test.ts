import { create } from "@bufbuild/protobuf";
import { LexiconSchema, VoiceSchema, VoiceSettingsSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { needsInOrder } from "./blueprint.js";
import type { VoiceNeed } from "./needs.js";
import { blueprint, body, first, hook, know, soundOf, speaker } from "./testing/world.js";
import { type ListedVoices, voicePart } from "./voice-part.js";

const listed = (build: string, defaultVoice = "rms"): ListedVoices => ({
  voices: [create(VoiceSchema, { name: "rms", build }), create(VoiceSchema, { name: "en-us", build: "espeak-ng 1" })],
  defaultVoice,
});

/** The one line of a batch whose choice names this voice. */
function line(voice: string): VoiceNeed {
  const [need] = needsInOrder(blueprint([speaker({ choices: [{ text: "Hello", voice }] })]));
  return need?.kind === "voice" ? need : expect.fail("There is no line.");
}

it("depends on the voice's build", () => {
  const before = voicePart(line("rms"), listed("flite 1"));
  expect(before.recipe).toMatchObject({ voice: "rms", text: "Hello", build: "flite 1" });
  expect(voicePart(line("rms"), listed("flite 1")).hash).toBe(before.hash);
  expect(voicePart(line("rms"), listed("flite 2")).hash).not.toBe(before.hash);
  const other = voicePart(line("en-us"), listed("flite 1"));
  expect(voicePart(line("en-us"), listed("flite 2")).hash).toBe(other.hash);
});

it("uses the default voice for a line without a voice", () => {
  expect(voicePart(line(""), listed("flite 1")).hash).toBe(voicePart(line("rms"), listed("flite 1")).hash);
  expect(voicePart(line(""), listed("flite 1", "en-us")).recipe).toMatchObject({
    voice: "en-us",
    build: "espeak-ng 1",
  });
});

it("uses the first voice of the language that a line states in place of a voice", () => {
  const voices = ["en-US", "de", "de-AT", "mul"].map((language) => create(VoiceSchema, { name: language, language }));
  const recipeOf = (language: string, voice = "") => {
    const stated = line(voice);
    const settings = create(VoiceSettingsSchema, { language });
    return voicePart({ ...stated, recipe: { ...stated.recipe, settings } }, { voices, defaultVoice: "en-US" }).recipe;
  };
  // It has only chosen the voice, so it is the line of one that names the voice.
  expect(recipeOf("de")).toMatchObject({ voice: "de", build: "" });
  expect(recipeOf("de").settings).toBeUndefined();
  expect(recipeOf("en").voice).toBe("en-US");
  expect(recipeOf("de-AT").voice).toBe("de-AT");
  // A voice of several languages is told which one.
  expect(recipeOf("fr")).toMatchObject({ voice: "mul", settings: { language: "fr" } });
  expect(recipeOf("de", "en-US")).toMatchObject({ voice: "en-US", settings: { language: "de" } });
});

it.each([
  ["rmz", listed("flite 1")],
  ["", listed("flite 1", "")],
])("of a line whose voice %j is not listed is none that is spoken once it is", (voice, voices) => {
  expect(voicePart(line(voice), voices).recipe).toMatchObject({ voice, build: "unlisted" });
});

it("says words as lexicons have them: the batch's own precede, then those for the voice's language", () => {
  const lexicon = { ACME: "ack-me" };
  const needs = needsInOrder(
    blueprint([speaker({ choices: [{ text: "ACME X1 live", voice: "en-us" }] })], { lexicon }),
  );
  const lexicons = [
    { language: "de", words: { X1: "ix eins" } },
    { language: "en", words: { X1: "x one", ACME: "another" } },
  ].map((init) => create(LexiconSchema, init));
  const voices = [create(VoiceSchema, { name: "en-us", language: "en-US", build: "1" })];
  const [need] = needs;
  if (need?.kind !== "voice") return expect.fail("There is no line.");
  expect(need).toMatchObject({ text: "ACME X1 live", recipe: { text: "ACME X1 live" } });
  const part = voicePart(need, { voices, defaultVoice: "", lexicons });
  expect(part.recipe.text).toBe("ack-me x one live");
  // Only lines with a word of it are other lines.
  const more = [...lexicons, create(LexiconSchema, { words: { other: "udder" } })];
  expect(voicePart(need, { voices, defaultVoice: "", lexicons: more }).hash).toBe(part.hash);
});

it("is what soundtracks refer to", () => {
  const blocks = [hook, body, speaker()];
  const spoken = (hash: string) => ({ ...know(), speech: () => ({ hash, samples: 24_000, words: [] }) });
  const [one, other] = ["1", "2"].map((hash) => first(blocks, spoken(hash)));
  const voices = (one && soundOf(one))?.events.flatMap(({ input }) => (input.case === "voiceHash" ? input.value : []));
  expect(voices).toEqual(["1"]);
  expect(other?.sound?.hash).not.toBe(one?.sound?.hash);
});
