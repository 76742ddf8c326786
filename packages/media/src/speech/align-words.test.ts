import { expect, it } from "vitest";
import { alignWords } from "./align-words.js";
import type { SpeechFrames } from "./speech-frames.js";
import { soundsOfLetters, soundsOfPhonemes } from "./speech-sounds.js";
import { splitWords } from "./split-words.js";

/** Power in dB of full scale and tilt in dB of typical frames. */
const FRAMES = { a: [-14, -15], m: [-16, -21], s: [-26, 1], t: [-42, -8], " ": [-75, -8] } as const;
type Letter = keyof typeof FRAMES;

/** Frames of sounds with their numbers, as in "s10 a12". */
function framesOf(sounds: string): SpeechFrames {
  const all = [...sounds.matchAll(/([amst_])(\d+)/g)].flatMap(([, letter = "", count]) =>
    Array.from({ length: Number(count) }, () => FRAMES[letter.replace("_", " ") as Letter]),
  );
  return {
    count: all.length,
    powerDb: Float32Array.from(all, ([power]) => power),
    tiltDb: Float32Array.from(all, ([, tilt]) => tilt),
  };
}

const times = (text: string, sounds: string) =>
  alignWords(
    splitWords(text).map((word) => ({ text: word, sounds: soundsOfLetters(word) })),
    framesOf(sounds),
  ).map(({ text: word, startSeconds, endSeconds }) => [
    word,
    Math.round(startSeconds * 100),
    Math.round(endSeconds * 100),
  ]);

it.each([
  [
    "sa ma",
    "s10 a12 m8 a12",
    [
      ["sa", 0, 22],
      ["ma", 22, 42],
    ],
  ],
  [
    "Sa, ma.",
    "_20 s10 a12 _30 m8 a12 _15",
    [
      ["Sa,", 20, 42],
      ["ma.", 72, 92],
    ],
  ],
  // A pause without punctuation, and silence within a word before a stop.
  [
    "sa ma ta",
    "s10 a12 _30 m8 a12 t8 a10",
    [
      ["sa", 0, 22],
      ["ma", 52, 72],
      ["ta", 72, 90],
    ],
  ],
  // Twice as slow.
  [
    "sa ma",
    "s20 a24 m16 a24",
    [
      ["sa", 0, 44],
      ["ma", 44, 84],
    ],
  ],
  // A dash is not spoken.
  [
    "sa – ma",
    "s10 a12 _30 m8 a12",
    [
      ["sa –", 0, 22],
      ["ma", 52, 72],
    ],
  ],
])("finds the words of %j in %s", (text, sounds, expected) => {
  expect(times(text, sounds)).toEqual(expected);
});

it("finds words by their phonemes", () => {
  const words = ["1", "2"].map((text, i) => ({ text, sounds: soundsOfPhonemes(["sˈaː", "mˈa"][i] ?? "") }));
  expect(alignWords(words, framesOf("s10 a20 m8 a12")).map(({ startSeconds }) => startSeconds)).toEqual([0, 0.3]);
});

it.each([
  ["", "s10 a12"],
  ["sa", ""],
  ["sa ma sa ma sa ma", "s2 a2"],
  ["word ".repeat(100_000), "s10 a12"],
])("finds no words of %.20j where there cannot be any", (text, sounds) => {
  expect(times(text, sounds)).toEqual([]);
});

it("gives up a search that would be too large", () => {
  const started = performance.now();
  expect(times("sa ".repeat(20_000), `_${3600 * 100}`)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(20_000);
});
