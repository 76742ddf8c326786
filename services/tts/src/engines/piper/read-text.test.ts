import { expect, it } from "vitest";
import { phonemesOf } from "./phonemes.js";
import type { PiperConfig } from "./piper-config.js";
import { readText, unreadLetters } from "./read-text.js";

const { signal } = new AbortController();
/** A model that reads letters. */
const letters: PiperConfig = {
  ...{ sampleRate: 22_050, quality: "", language: "uk", espeakVoice: undefined, speakers: [], lengthScale: 1 },
  ...{ replaced: new Map(), dataset: "" },
  ids: new Map([..."_^$ .так"].map((sign, id) => [sign, [id]])),
};

it("gives a model that reads letters its letters, in small ones where it has no capitals", async () => {
  expect(await readText("Так.", letters, signal)).toEqual([
    { ids: [1, 0, 5, 0, 6, 0, 7, 0, 4, 0, 2], pauseSeconds: 0 },
  ]);
});

it("recognises letters that such a model does not know", () => {
  expect(unreadLetters("Так, так! Ні 5", letters)).toEqual(["Ні", "5"]);
  expect(unreadLetters("Так — ТА́К \u{1F600}", letters)).toEqual([]);
});

it("has silence for what has no sound", async () => {
  for (const text of ["\u{1F600}", "...", ""]) {
    expect(await readText(text, letters, signal)).toEqual([{ ids: [], pauseSeconds: 0.2 }]);
  }
});

it("reads clauses in one go, and long ones alone", async () => {
  const short = await phonemesOf(["Hello there", "world"], "en-us", signal);
  expect(short).toEqual([expect.stringMatching(/^h\S+ ð\S+$/), expect.stringMatching(/^w\S+$/)]);
  const long = await phonemesOf(["Hello there", "she walked along the river ".repeat(100), "world"], "en-us", signal);
  expect(long).toHaveLength(3);
  expect([long[0], long[2]]).toEqual(short);
  expect(long[1]?.match(/wˈɔːkt/g)).toHaveLength(100);
});

it("leaves out marks of a change of language, and reads no phonemes of a text", async () => {
  const [german] = await phonemesOf(["Email"], "de", signal);
  expect(german).not.toMatch(/[()]/);
  const [bracketed = ""] = await phonemesOf(["[[h@'loU]]"], "en-us", signal);
  expect(bracketed).not.toBe((await phonemesOf(["hello"], "en-us", signal))[0]);
});
