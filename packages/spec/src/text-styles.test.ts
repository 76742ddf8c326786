import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, HighlightShape, type TextBlockSchema, TextStyle } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { normalizeBatch } from "./normalize.js";

const normalized = (value: MessageInitShape<typeof TextBlockSchema>) => {
  const batch = create(BatchSchema, { blocks: [{ name: "t", kind: { case: "text", value } }] });
  const full = normalizeBatch(batch);
  expect(normalizeBatch(full)).toEqual(full);
  return full.blocks[0]?.kind.value;
};
const captions = [{ captions: "speaker" }];
const { BOLD_POP, KARAOKE, BOXED, MINIMAL } = TextStyle;

describe("a style", () => {
  it.each([
    [BOLD_POP, { weight: 900, outline: { color: "#000000ff" }, words: 3, lines: 2, highlight: "" }],
    [KARAOKE, { weight: 800, words: 6, highlight: "#ffe600ff", highlightShape: HighlightShape.LETTERS }],
    [BOXED, { box: { color: "#000000cc" }, words: 6, highlight: "" }],
    [MINIMAL, { weight: 400, shadow: { color: "#000000b0" }, words: 7, highlight: "" }],
  ])("%i sets defaults", (style, defaults) => {
    expect(normalized({ style, choices: captions })).toMatchObject(defaults);
  });

  it("gives way to the block's own fields, each by itself", () => {
    const own = { size: 0.2, weight: 400, outline: { color: "#ff0000" }, words: 2, lines: 1, highlight: "#00FF00" };
    expect(normalized({ style: KARAOKE, ...own, choices: captions })).toMatchObject({
      ...own,
      outline: { color: "#ff0000ff", width: 0.08 },
      highlight: "#00ff00ff",
    });
    const box = { color: "#ff0000", padding: 0 };
    expect(normalized({ style: BOXED, box, choices: captions })).toMatchObject({
      box: { color: "#ff0000ff", padding: 0, radius: 0.35 },
    });
  });

  it("is only a look for texts that are no captions", () => {
    const text = normalized({ style: KARAOKE, choices: [{ text: "Hello" }] });
    expect(text).toMatchObject({ weight: 800, highlight: "" });
    expect(text).not.toHaveProperty("words", expect.anything());
  });

  it("has a colour for a shape without one", () => {
    const shape = { highlightShape: HighlightShape.BOX };
    expect(normalized({ style: BOLD_POP, ...shape, choices: captions })).toMatchObject({ highlight: "#ffe600ff" });
  });
});

it("captions without a style keep the defaults of the renderer", () => {
  const plain = normalized({ choices: captions });
  expect(plain).toMatchObject({ size: 0.07, weight: 700, highlight: "" });
  expect(plain).not.toHaveProperty("words", expect.anything());
});
