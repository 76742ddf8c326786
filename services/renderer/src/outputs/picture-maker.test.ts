import { create } from "@bufbuild/protobuf";
import { ClipIndexSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { framesByClip } from "./picture-maker.js";

const clip = (hash: string, frames: number) => ({
  hash,
  index: create(ClipIndexSchema, { sizes: new Array(frames).fill(1) }),
});

it.each([
  [[0], [["a", [0]]]],
  [
    [9, 10, 14],
    [
      ["a", [9]],
      ["b", [0, 4]],
    ],
  ],
  [
    [0, 15],
    [
      ["a", [0]],
      ["c", [0]],
    ],
  ],
])("finds frames %j in the clips", (frames, expected) => {
  const found = framesByClip(frames, [clip("a", 10), clip("b", 5), clip("c", 1)]);
  expect(found.map(({ clip: { hash }, frames: inside }) => [hash, inside])).toEqual(expected);
});

it("knows no frame after the end", () => {
  expect(() => framesByClip([10], [clip("a", 10)])).toThrow("no frame 10");
});
