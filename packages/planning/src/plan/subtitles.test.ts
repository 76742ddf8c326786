import type { SpokenWord } from "@polyreel/contract";
import { expect, it } from "vitest";
import { Subtitles } from "./subtitles.js";
import type { PlacedLine, SpokenSpan } from "./timeline.js";

const SAMPLE_RATE = 48_000;
const word = (text: string, startSeconds: number, endSeconds: number) =>
  ({ text, startSeconds, endSeconds }) as SpokenWord;

function span(block: string, startSeconds: number, line: Partial<PlacedLine>): SpokenSpan {
  const whole = { hash: JSON.stringify(line), text: "", samples: SAMPLE_RATE, words: [], pauseSeconds: 0, ...line };
  return { block, choice: "a", start: startSeconds * SAMPLE_RATE, line: whole as unknown as PlacedLine };
}

const shown = (spoken: readonly SpokenSpan[], videoSeconds = 60, subtitles = new Subtitles()) =>
  subtitles.of(spoken, videoSeconds).map((cue) => [cue.startMilliseconds, cue.endMilliseconds, cue.lines.join("/")]);

it("times words from the start of the video, as reported by the engine", () => {
  const words = [word("Half", 0.1, 0.4), word("price.", 0.5, 0.8)];
  expect(shown([span("speaker", 2, { words })])).toEqual([[2100, 3200, "Half price."]]);
});

it("estimates word times if the engine reports none", () => {
  const [first, second] = shown([span("speaker", 1, { text: "Half price. Only today!", samples: 2 * SAMPLE_RATE })]);
  expect(first).toEqual([1000, second?.[0], "Half price."]);
  expect(second).toEqual([expect.any(Number), 3400, "Only today!"]);
  expect(second?.[0]).toBeGreaterThan(1500);
});

it("ends with the video", () => {
  expect(shown([span("speaker", 1, { text: "Come in." })], 1.5)).toEqual([[1000, 1500, "Come in."]]);
});

it("shows both of two voice blocks that overlap", () => {
  const words = (text: string) => [word(text, 0, 1)];
  expect(shown([span("a", 0, { words: words("One") }), span("b", 0.5, { words: words("Two") })])).toEqual([
    [0, 500, "One"],
    [500, 1400, "One/Two"],
    [1400, 1900, "Two"],
  ]);
});

it("distinguishes combinations by texts, times and lengths", () => {
  const subtitles = new Subtitles();
  const line = { text: "Come in." };
  expect(shown([span("a", 0, line)], 60, subtitles)).toEqual([[0, 1400, "Come in."]]);
  expect(shown([span("a", 1, line)], 60, subtitles)).toEqual([[1000, 2400, "Come in."]]);
  expect(shown([span("a", 0, line)], 1, subtitles)).toEqual([[0, 1000, "Come in."]]);
  expect(shown([span("a", 0, { text: "Go." })], 60, subtitles)).toEqual([[0, 1400, "Go."]]);
  expect(shown([span("a", 0, { text: "Leave.", hash: JSON.stringify(line) })], 60, subtitles)).toEqual([
    [0, 1400, "Leave."],
  ]);
  expect(shown([], 60, subtitles)).toEqual([]);
  expect(subtitles.of([span("a", 0, line)], 60)).toBe(subtitles.of([span("a", 0, line)], 60));
});

it("refuses the words of recordings that are too many for all outputs together", () => {
  const words = Array.from({ length: 6000 }, (_, i) => word("many-words", i / 10, i / 10 + 0.1));
  expect(shown([span("speaker", 0, { words })], 600).length).toBeGreaterThan(100);
  expect(() => shown([span("speaker", 0, { words })], 600, new Subtitles(2))).toThrow(/bytes of text/);
});
