import type { SpokenWord, SubtitleCue } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { Subtitles } from "./subtitles.js";
import type { PlacedLine, SpokenSpan } from "./timeline.js";

const SAMPLE_RATE = 48_000;
const word = (text: string, startSeconds: number, endSeconds: number) =>
  ({ text, startSeconds, endSeconds }) as SpokenWord;

function span(block: string, startSeconds: number, line: Partial<PlacedLine>): SpokenSpan {
  const whole = {
    hash: JSON.stringify(line),
    text: "",
    samples: SAMPLE_RATE,
    words: [],
    pauseSeconds: 0,
    language: "",
    translations: {},
    ...line,
  };
  return { block, choice: "a", start: startSeconds * SAMPLE_RATE, line: whole as unknown as PlacedLine };
}

const plain = (cues: readonly SubtitleCue[]) =>
  cues.map((cue) => [cue.startMilliseconds, cue.endMilliseconds, cue.lines.join("/")]);
const shown = (spoken: readonly SpokenSpan[], videoSeconds = 60, subtitles = new Subtitles(), language = "") =>
  plain(subtitles.of(spoken, videoSeconds, language));

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

describe("translations", () => {
  const words = [word("Half", 0.2, 0.5), word("price.", 0.6, 1), word("Come", 2, 2.4), word("in!", 2.5, 3)];
  const line = { text: "Half price. Come in!", words, samples: 4 * SAMPLE_RATE };
  const inGerman = (de: string, rest: Partial<PlacedLine> = {}) =>
    span("speaker", 1, { ...line, translations: { de }, ...rest });
  const german = (...spoken: SpokenSpan[]) => shown(spoken, 60, new Subtitles(), "de");

  it("take the times of the spoken sentences if they have as many", () => {
    expect(german(inGerman("Zum halben Preis. Kommt herein!"))).toEqual([
      [1200, 2400, "Zum halben Preis."],
      [3000, 4400, "Kommt herein!"],
    ]);
  });

  it("take the time of the line if they have more or fewer sentences", () => {
    const cues = german(inGerman("Zum halben Preis, kommt herein"));
    expect(cues[0]?.[0]).toBe(1200);
    expect(cues.at(-1)?.[1]).toBe(4400);
    expect(cues.map(([, , text]) => text).join(" ")).toBe("Zum halben Preis, kommt herein");
  });

  it("have the times of the words if they are the text", () => {
    expect(german(inGerman(line.text))).toEqual(shown([inGerman("")]));
  });

  it("are distinguished where lines are spoken the same way", () => {
    const subtitles = new Subtitles();
    const of = (de: string) => [span("speaker", 0, { ...line, hash: "same", translations: { de } })];
    expect(shown(of("Eins."), 60, subtitles, "de")).toEqual([[200, 3400, "Eins."]]);
    expect(shown(of("Zwei."), 60, subtitles, "de")).toEqual([[200, 3400, "Zwei."]]);
  });
});

describe("tracks", () => {
  const tracks = (...spoken: SpokenSpan[]) =>
    new Subtitles()
      .tracks(spoken, 60)
      .map(({ language, cues }) => [language, ...cues.map(({ lines }) => lines.join("/"))]);
  const said = (text: string, language: string, translations: Record<string, string> = {}, start = 0) =>
    span("speaker", start, { text, language, translations });

  it("are the spoken one, then translations by their tags", () => {
    expect(tracks(said("Come in.", "en-US", { fr: "Entrez.", de: "Herein." }))).toEqual([
      ["en-US", "Come in."],
      ["de", "Herein."],
      ["fr", "Entrez."],
    ]);
  });

  it("are one for a translation that repeats the text", () => {
    expect(tracks(said("Herein.", "", { en: "Come in.", de: "Herein." }))).toEqual([
      ["de", "Herein."],
      ["en", "Come in."],
    ]);
  });

  it("name several languages, or none if one is unknown", () => {
    expect(tracks(said("Come in.", "en"), said("Herein.", "de", {}, 2))[0]?.[0]).toBe("mul");
    expect(tracks(said("Come in.", "en"), said("Herein.", "", {}, 2))[0]?.[0]).toBe("");
  });

  it("are none without speech", () => {
    expect(tracks()).toEqual([]);
  });

  it("are refused if a text is too long to be shown at once", () => {
    const long = (block: string) => span(block, 0, { text: "x".repeat(30_000) });
    expect(tracks(long("a"), long("b"))[0]).toHaveLength(2);
    expect(() => tracks(long("a"), long("b"), long("c"))).toThrow("A subtitle has more than 65535 bytes");
  });
});
