import { expect, it } from "vitest";
import { parseWords } from "./parse-words.js";

const SECONDS = 10;
const parse = (text: string) =>
  parseWords(Buffer.from(text), SECONDS).map(({ text: word, startSeconds, endSeconds }) => [
    word,
    Math.round(startSeconds * 1000),
    Math.round(endSeconds * 1000),
  ]);

it("reads SRT: the words of a cue share its time by their lengths, without tags", () => {
  const srt =
    "\uFEFF1\r\n00:00:01,000 --> 00:00:03,000 X1:0\r\n<i>Half</i>\r\n{\\an8}<font color=red>price</font>\r\n\r\n2\r\n00:00:03,500 --> 00:00:04,0\r\n5 < 6 &amp; <3\r\n";
  expect(parse(srt)).toEqual([
    ["Half", 1000, 1909],
    ["price", 1909, 3000],
    ["5 <", 3500, 3682],
    ["6 &", 3682, 3864],
    ["<3", 3864, 4000],
  ]);
});

it("reads WebVTT with its time tags, and nothing of its other blocks", () => {
  const vtt = `WEBVTT - titles

STYLE
::cue { color: red }

NOTE 00:00 --> 00:01
a note

intro
00:01.000 --> 00:03.000 align:start
<v Ann>Only <00:00:01.500><c.loud>today</c> <00:02.250>here

00:04.000 --> 00:05.000
there&nbsp;too
`;
  expect(parse(vtt)).toEqual([
    ["Only", 1000, 1500],
    ["today", 1500, 2250],
    ["here", 2250, 3000],
    ["there", 4000, 4600],
    ["too", 4600, 5000],
  ]);
});

it.each([
  ["a list", '[{"text": "Half", "start": 0, "end": 0.5}, {"text": "price", "start": 0.5, "end": 1}]'],
  [
    "words",
    '{"text": "Half price", "words": [{"word": " Half", "start": 0, "end": 0.5}, {"word": " price", "start": 0.5, "end": 1}]}',
  ],
  [
    "segments",
    '{"segments": [{"text": "x", "words": [{"word": "Half", "start": 0, "end": 0.5}]}, {"text": " price", "start": 0.5, "end": 1}]}',
  ],
])("reads JSON: %s", (_, json) => {
  expect(parse(json)).toEqual([
    ["Half", 0, 500],
    ["price", 500, 1000],
  ]);
});

it("joins words without times to the word before", () => {
  expect(
    parse('{"words": [{"word": "Half", "start": 0, "end": 1}, {"word": "50"}, {"word": "off", "start": 1, "end": 2}]}'),
  ).toEqual([
    ["Half", 0, 625],
    ["50", 625, 1000],
    ["off", 1000, 2000],
  ]);
});

it("ends a phrase where the next one begins, and words with the recording", () => {
  expect(parse('[{"text": "a", "start": 1, "end": 3}, {"text": "b", "start": 2, "end": 10.5}]')).toEqual([
    ["a", 1000, 2000],
    ["b", 2000, 10_000],
  ]);
});

it.each([
  ["nothing", "", "", "no words"],
  ["a page", "<html><body>00:00</body></html>", "", "no words"],
  ["other JSON", '{"text": "Half price"}', "", "no words"],
  ["cut-off JSON", '[\n{"text": "a",\n"start": 1,', "", "no JSON"],
  ["wrong JSON", '[\n{"text": "a"\n"start": 1}]', "line 3", "no JSON"],
  ["a number as text", '[{"text": 5, "start": 0, "end": 1}]', "[0]", "no text"],
  ["a time as text", '[{"text": "a", "start": "0", "end": 1}]', "[0].start", "no number"],
  ["an endless time", '[{"text": "a", "start": 0, "end": 1e999}]', "[0].end", "no number"],
  ["a negative time", '[{"text": "a", "start": -1, "end": 1}]', "[0]", "before it begins at -1.00 s"],
  ["an end before its start", "1\n00:00:02,000 --> 00:00:01,000\na\n", "line 2", "ends at 1.00 s"],
  [
    "words out of order",
    "00:00:02,000 --> 00:00:03,000\na\n\n00:00:01,000 --> 00:00:02,000\nb\n",
    "line 4",
    "before line 1",
  ],
  ["times after the end", "00:00:11,000 --> 00:00:12,000\na\n", "line 1", "only 10.00 s long"],
  ["a broken timing line", "1\n00:00:02 -> 3 --> 4\na\n", "line 2", "no times"],
  ["a long phrase", `[{"text": "${"a ".repeat(2_501)}", "start": 0, "end": 1}]`, "[0]", "too many"],
  ["too many words", JSON.stringify(Array(10_001).fill({ text: "a", start: 0, end: 1 })), "[10000]", "at most 10,000"],
])("refuses %s", (_, text, place, reason) => {
  let mistake: unknown;
  try {
    parse(text);
  } catch (error) {
    mistake = error;
  }
  expect(mistake).toMatchObject({ reason: expect.stringContaining(reason), remedy: expect.stringMatching(/\w/) });
  expect(mistake).toMatchObject({ place: expect.stringContaining(place) });
});

it("refuses what is no UTF-8", () => {
  expect(() => parseWords(Buffer.from([0xff, 0xfe, 0x41, 0]), SECONDS)).toThrow("UTF-8");
});

it("refuses 2 MB of nonsense in a moment", () => {
  const started = performance.now();
  const cue = "00:00:01,000 --> 00:00:02,000\n";
  for (const piece of ["<", "{\\", "-->\n", "&", "\n", "00:", "<00:00:00.000>", "[", "a", `${cue}a\n\n`]) {
    const nonsense = Buffer.from(cue + piece.repeat((2 << 20) / piece.length));
    expect(() => parseWords(nonsense, SECONDS)).toThrow();
  }
  expect(performance.now() - started).toBeLessThan(20_000);
});
