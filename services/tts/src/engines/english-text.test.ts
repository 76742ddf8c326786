import { expect, it } from "vitest";
import { englishText } from "./english-text.js";

it.each([
  ["don’t “quote” — dash…", 'don\'t "quote"  -  dash...'],
  ["café naïve Œuvre", "cafe naive oeuvre"],
  ["€5 or £7.50, €", "5 euros or 7.50 pounds,  euros "],
  ["great 😀👍🏽!", "great  !"],
  ["two\nlines", "two\nlines"],
])("%s is read as %s", (text, plain) => {
  expect(englishText(text, "rms")).toBe(plain);
});

it("refuses words that would be left out, and names them", () => {
  expect(() => englishText("Hello, мой мир", "rms")).toThrow(
    'The voice "rms" speaks English only and cannot say "мой мир".',
  );
});
