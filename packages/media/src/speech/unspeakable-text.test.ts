import { expect, test } from "vitest";
import { unspeakableText } from "./unspeakable-text.js";

test.each([
  ["?! — 🎉".slice(0, 5), "nothing to speak"],
  ["ring\u0007 me", "control character, U+0007"],
  ["half \ud83d", "control character, U+D83D"],
  ['<speak>Half <break time="1s"/> price</speak>', 'markup for speech, "<speak>"'],
  ['Half <break time="1s" /> price', 'markup for speech, "<break'],
  ["<mstts:express-as style='sad'>no", "markup for speech"],
  ["a".repeat(5001), "has 5001 characters"],
])("refuses %j", (text, reason) => {
  const { reason: found, remedy } = unspeakableText(text)?.failure ?? {};
  expect(found).toContain(reason);
  expect(remedy).toMatch(/\w/);
});

test.each([
  "Half price",
  "Two\nlines,\tand a tab\r\n",
  "3 < 5 and 7 > 2",
  "I <3 you",
  "a <b> c",
  "[[a]]",
  "👨‍👩‍👧 family",
  "नमस्ते",
  "5",
])("takes %j", (text) => {
  expect(unspeakableText(text)).toBeUndefined();
});
