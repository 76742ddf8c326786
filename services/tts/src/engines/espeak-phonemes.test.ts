import { expect, it } from "vitest";
import { espeakPhonemes } from "./espeak-phonemes.js";

const { signal } = new AbortController();

it("reads each word alone, with its numbers and signs, without what ends a clause", async () => {
  const words = [
    "Dr.",
    "1,200 pounds",
    "11 a.m.,",
    "3:30",
    "yes...no",
    "(free)",
    "one—two",
    "[[x]]",
    "25%",
    "thought!",
  ];
  const phonemes = await espeakPhonemes(words, "en-US", signal);
  expect(phonemes).toHaveLength(words.length);
  expect(phonemes?.[0]).toMatch(/^d.*kt/);
  expect(phonemes?.[1]).toMatch(/θˈaʊzənd.*hˈʌndɹɪd pˈaʊndz/);
  expect(phonemes?.[8]).toMatch(/pɚsˈɛnt/);
  expect(phonemes?.[9]).toMatch(/^θ.*t$/);
});

it.each([
  ["de", "Straße", /^ʃt.*sə$/],
  ["pt-BR", "bom", /^b.*ŋ$/],
  // A region that espeak-ng does not know.
  ["de-LU", "Straße", /^ʃt.*sə$/],
])("reads %s", async (language, word, read) => {
  expect(await espeakPhonemes([word], language, signal)).toEqual([expect.stringMatching(read)]);
});

it("reads nothing of a script that it would read as English", async () => {
  expect(await espeakPhonemes(["今日", "は"], "ja", signal)).toMatchObject(["", expect.stringMatching(/./)]);
});

it.each(["", "mul", "tlh-x", "../../etc/passwd", "-w"])("does not know the language %j", async (language) => {
  expect(await espeakPhonemes(["word"], language, signal)).toBeUndefined();
});
