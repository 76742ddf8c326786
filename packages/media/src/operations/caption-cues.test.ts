import { describe, expect, test } from "vitest";
import { captionCues, type SpokenLine } from "./caption-cues.js";

/** A line whose words take 0.4 s each. */
const line = (startSeconds: number, text: string): SpokenLine => ({
  startSeconds,
  words: text.split(" ").map((word, i) => ({ text: word, startSeconds: i * 0.4, endSeconds: i * 0.4 + 0.3 })),
});
const shown = (spoken: SpokenLine[], videoSeconds = 60) =>
  captionCues(spoken, videoSeconds).map(({ startSeconds, endSeconds, lines }) => [
    Number(startSeconds.toFixed(3)),
    Number(endSeconds.toFixed(3)),
    lines.join("/"),
  ]);

describe("cues of spoken lines", () => {
  test("are phrases, from the first word to shortly after the last or to the next phrase", () => {
    expect(shown([line(1, "Half price. Only today!"), line(5, "Come in.")])).toEqual([
      [1, 1.8, "Half price."],
      [1.8, 2.9, "Only today!"],
      [5, 6.1, "Come in."],
    ]);
  });

  test("end with the video", () => {
    expect(shown([line(1, "Half price. Only today!"), line(5, "Come in.")], 2)).toEqual([
      [1, 1.8, "Half price."],
      [1.8, 2, "Only today!"],
    ]);
  });

  test("have at most two lines of similar length", () => {
    const long = "Donaudampfschifffahrtsgesellschaftskapitän Rindfleischetikettierungsüberwachungsaufgaben überall";
    const cues = captionCues([line(0, long)], 60);
    expect(
      cues
        .flatMap(({ lines }) => lines)
        .join(" ")
        .replace(/\s/g, ""),
    ).toBe(long.replace(/\s/g, ""));
    // A word of 45 letters is wider than a line.
    expect(cues.map(({ lines }) => lines.length)).toEqual([1, 2]);
    for (const { lines } of cues) expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(42);
  });

  test("of scripts without spaces are broken by their width", () => {
    const words = "新しい 商品 を 今日 だけ 半額 で お届け します".split(" ");
    const [first] = captionCues([line(0, words.join(" "))], 60);
    expect(first?.lines).toEqual([words.slice(0, 5).join("")]);
  });

  test("keep emoji, marks and right-to-left words", () => {
    const emoji = { text: "מבצע! 🎉", startSeconds: 1.6, endSeconds: 1.9 };
    const { words } = line(0, "50% < 60% &");
    expect(shown([{ startSeconds: 0, words: [...words, emoji] }])).toEqual([[0, 2.3, "50% < 60% & מבצע! 🎉"]]);
  });

  test("are empty without speech", () => {
    expect(shown([])).toEqual([]);
    expect(shown([{ startSeconds: 0, words: [{ text: " ", startSeconds: 0, endSeconds: 1 }] }])).toEqual([]);
  });

  test("of an hour of speech are computed quickly", () => {
    const cues = captionCues(
      Array.from({ length: 1200 }, (_, i) => line(i * 3, "one two three four five six.")),
      3600,
    );
    expect(cues.length).toBe(1200);
  });
});
