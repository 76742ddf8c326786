import { expect, it } from "vitest";
import { parseVoices } from "./voices-file.js";

const parse = (entry: string) => parseVoices("/etc/voices.yaml", `house: ${entry}\n`).get("house");

it("reads words for tenants and voices of a language", () => {
  expect(parse("{type: lexicon, tenants: [acme], language: en, words: {ACME: ack-me, 5G: five gee}}")).toMatchObject({
    ...{ type: "lexicon", tenants: ["acme"] },
    lexicon: { language: "en", words: { ACME: "ack-me", "5G": "five gee" } },
  });
  expect(parse("{type: lexicon, words: {ACME: ack-me}}")).toMatchObject({
    tenants: undefined,
    lexicon: { language: "" },
  });
});

const many = Array.from({ length: 1001 }, (_, i) => `w${i}: x`).join(", ");

it.each([
  ["{type: lexicon}", /house.words: It has 0 words/],
  [`{type: lexicon, words: {${many}}}`, /house.words: It has 1001 words/],
  ["{type: lexicon, words: [ACME]}", /house.words: It must be fields with values/],
  ["{type: lexicon, words: {ACME: [x]}}", /house.words.ACME: It can't be that. Write how it is said/],
  ["{type: lexicon, words: {ACME: ''}}", /house.words.ACME: It can't be that/],
  ["{type: lexicon, words: {' ACME': x}}", /A word can't be that/],
  ["{type: lexicon, words: {__proto__: x}}", /house.words: It has 0 words|A word can't be that/],
  ["{type: lexicon, language: english!, words: {a: b}}", /house.language/],
  ["{type: lexicon, credentials: key, words: {a: b}}", /house.credentials: There is no such field/],
  ["{type: dictionary}", /house.type: It can't be that. Write one of elevenlabs, openai, lexicon/],
])("refuses %s", (entry, reason) => {
  expect(() => parse(entry)).toThrow(
    expect.objectContaining({ failure: expect.objectContaining({ reason: expect.stringMatching(reason) }) }),
  );
});
