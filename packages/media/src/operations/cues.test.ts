import { describe, expect, test } from "vitest";
import { type Cue, stackedCues, type TimedCue, timedCues, timeStamp } from "./cues.js";

const cue = (startSeconds: number, endSeconds: number, ...lines: string[]): Cue => ({
  startSeconds,
  endSeconds,
  lines,
});

const shown = (cues: readonly TimedCue[]) =>
  cues.map(({ startMilliseconds, endMilliseconds, lines }) => [startMilliseconds, endMilliseconds, lines]);

describe("cues of one speaker", () => {
  test.each<[string, Cue[], [number, number, string[]][]]>([
    ["are rounded to milliseconds", [cue(0.0004, 1.23456, "a")], [[0, 1235, ["a"]]]],
    [
      "are put in order",
      [cue(2, 3, "b"), cue(0, 1, "a")],
      [
        [0, 1000, ["a"]],
        [2000, 3000, ["b"]],
      ],
    ],
    [
      "end when the next one begins",
      [cue(0, 2, "a"), cue(1.9996, 3, "b")],
      [
        [0, 2000, ["a"]],
        [2000, 3000, ["b"]],
      ],
    ],
    [
      "never end before they begin",
      [cue(1, 0.5, "a"), cue(3, 3, "b")],
      [
        [1000, 1001, ["a"]],
        [3000, 3001, ["b"]],
      ],
    ],
    ["of one millisecond are one", [cue(1, 2, "a"), cue(1.0002, 3, "b")], [[1000, 3000, ["a", "b"]]]],
    ["before the video are left out, or begin with it", [cue(-2, 0, "a"), cue(-1, 1, "b")], [[0, 1000, ["b"]]]],
    ["are left out if empty", [cue(0, 1), cue(1, 2, "", " \t", "\u200b\u200f"), cue(2, 3, "c")], [[2000, 3000, ["c"]]]],
    [
      "have no blank lines and no controls",
      [cue(0, 1, "a\n\n\r\n b\u0000\u0007 ", "", "c\u2028d\te")],
      [[0, 1000, ["a", "b", "c", "d e"]]],
    ],
  ])("%s", (_what, cues, expected) => {
    expect(shown(timedCues(cues))).toEqual(expected);
  });

  test("keep right-to-left text and joined emoji", () => {
    const lines = ["\u200fשלום, world!", "مرحبا", "👩‍👩‍👧 🇩🇪 👍🏽"];
    expect(timedCues([cue(0, 1, ...lines)])[0]?.lines).toEqual(lines);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("with a time of %d are refused", (seconds) => {
    expect(() => timedCues([cue(0, seconds, "a")])).toThrow("A subtitle lasts from 0 s to");
  });

  test("never overlap, whatever their number", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const many = Array.from({ length: 20_000 }, (_, i) => {
      const start = random() * 600 - 1;
      return cue(start, start + random() * 3 - 0.5, `cue ${i}`);
    });
    const timed = timedCues(many);
    const faulty = timed.filter(({ startMilliseconds, endMilliseconds }, i) => {
      const next = timed[i + 1]?.startMilliseconds ?? endMilliseconds;
      return endMilliseconds <= startMilliseconds || endMilliseconds > next;
    });
    expect(timed.length).toBeGreaterThan(10_000);
    expect(faulty).toEqual([]);
  });
});

describe("cues of several speakers", () => {
  const stacked = (...speakers: Cue[][]) =>
    shown(stackedCues(speakers.map(timedCues))).map(([start, end, lines]) => [start, end, [lines].flat().join("/")]);

  test("are stacked while two speak", () => {
    expect(stacked([cue(0, 4, "a"), cue(6, 7, "c")], [cue(2, 3, "b"), cue(4, 6.5, "d")])).toEqual([
      [0, 2000, "a"],
      [2000, 3000, "a/b"],
      [3000, 4000, "a"],
      [4000, 6000, "d"],
      [6000, 6500, "c/d"],
      [6500, 7000, "c"],
    ]);
  });
  test("leave pauses, and keep a single speaker's cues", () => {
    expect(stacked([cue(0, 1, "a")], [], [cue(3, 4, "b")])).toEqual([
      [0, 1000, "a"],
      [3000, 4000, "b"],
    ]);
    expect(stacked([cue(0, 1, "a"), cue(1, 2, "a")])).toEqual([
      [0, 1000, "a"],
      [1000, 2000, "a"],
    ]);
    expect(stacked()).toEqual([]);
  });
});

test.each([
  [0, "00:00:00,000"],
  [3_723_004, "01:02:03,004"],
  [360_000_000 + 59_999, "100:00:59,999"],
])("formats %i ms as %s", (milliseconds, stamp) => {
  expect(timeStamp(milliseconds, ",")).toBe(stamp);
});
