import { expect, it } from "vitest";
import { all, blueprint, clipOf, hook } from "./testing/world.js";

const words = { name: "words", text: { over: ["hook"], choices: [{ captions: "speaker", language: "de" }] } };
const speaker = (...translations: string[]) => ({
  name: "speaker",
  voice: { choices: translations.map((de) => ({ label: de, text: "Hello there", translations: { de } })) },
});

it("shows captions in another language, at the times of the spoken words", () => {
  const [assembly] = all(
    blueprint([{ ...hook, video: { choices: hook.video.choices.slice(0, 1) } }, speaker("Guten Tag"), words]),
  );
  if (!assembly) throw new Error("Nothing was planned.");
  expect(clipOf(assembly).texts[0]?.words.map(({ text }) => text)).toEqual(["Guten", "Tag"]);
  // The words that are spoken last from 0.1 s to 0.9 s, in the frames of the clip.
  expect(clipOf(assembly).texts[0]?.words.at(0)?.startSeconds).toBeCloseTo(0.1, 5);
  expect(clipOf(assembly).texts[0]?.words.at(-1)?.endSeconds).toBeCloseTo(0.9, 5);
});

it("makes a clip for each translation of a line that is spoken the same way", () => {
  const assemblies = all(
    blueprint([{ ...hook, video: { choices: hook.video.choices.slice(0, 1) } }, speaker("Eins", "Zwei"), words]),
  );
  expect(new Set(assemblies.map(({ sound }) => sound?.hash)).size).toBe(1);
  expect(new Set(assemblies.map(({ clips }) => clips[0]?.use.hash)).size).toBe(2);
  expect(assemblies.map((assembly) => clipOf(assembly).texts[0]?.words[0]?.text)).toEqual(["Eins", "Zwei"]);
});
