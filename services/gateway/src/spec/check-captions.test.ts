import type { MessageInitShape } from "@bufbuild/protobuf";
import { HighlightShape, type TextBlockSchema, TextStyle } from "@polyreel/contract";
import { expect, it } from "vitest";
import { type BlockInit, check, video, voice } from "../testing/checked-batch.js";

const { BOLD_POP, KARAOKE, BOXED } = TextStyle;

type Settings = Omit<MessageInitShape<typeof TextBlockSchema>, "$typeName" | "choices">;

const mistakesOf = (settings: Settings, choice: { text: string } | { captions: string } = { captions: "speaker" }) => {
  const block: BlockInit = { name: "words", kind: { case: "text", value: { ...settings, choices: [choice] } } };
  return check([video("hook"), voice("speaker", "hook"), block]);
};

it.each<[string, Parameters<typeof mistakesOf>, string, string]>([
  [
    "a highlight of captions without a style",
    [{ highlight: "#ff0000" }],
    "highlight",
    "The block has highlight, but captions without a style highlight no word.",
  ],
  [
    "a highlight in a style that has none",
    [{ style: BOXED, highlightShape: HighlightShape.BOX }],
    "highlightShape",
    "The block has highlightShape, but the style boxed highlights no word.",
  ],
  [
    "words of a block without captions",
    [{ style: KARAOKE, words: 3 }, { text: "Hello" }],
    "words",
    "The block has words, which is for captions, and none of its choices are captions.",
  ],
])("refuses %s", (_what, given, field, reason) => {
  expect(mistakesOf(...given)).toMatchObject([{ block: "words", field: `blocks[2].text.${field}`, reason }]);
});

it.each<[string, Parameters<typeof mistakesOf>]>([
  ["a style alone", [{ style: KARAOKE }]],
  ["a style for a text", [{ style: KARAOKE }, { text: "Hello" }]],
  ["a highlight, words and lines", [{ style: BOLD_POP, highlight: "#ff0000", words: 1, lines: 1 }]],
  ["words and lines without a style", [{ words: 3, lines: 1 }]],
])("accepts %s", (_what, given) => {
  expect(mistakesOf(...given)).toEqual([]);
});
