import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Align, Position, TextBlockSchema } from "@polyreel/contract";
import { expect, test } from "vitest";
import { checkTextPlace } from "./check-text-place.js";

const { BOTTOM, CENTER, TOP } = Position;
const fieldsOf = (text: MessageInitShape<typeof TextBlockSchema>) =>
  checkTextPlace(
    create(TextBlockSchema, { position: BOTTOM, align: Align.CENTER, safeArea: 0.06, ...text }),
    "text",
  ).map(({ field }) => field);

test.each([
  ["within the safe area", { offset: { x: 0.1, y: -0.5 } }],
  ["to the canvas's edge", { offset: { y: 0.06 } }],
  ["no offset with a margin of 0", { safeArea: 0, align: Align.LEFT, position: TOP }],
  ["through a platform's margin", { safeAreaSides: { bottom: 0.35 }, offset: { y: 0.3 } }],
])("accepts %s", (_what, text) => {
  expect(fieldsOf(text)).toEqual([]);
});

test.each([
  ["below the canvas", { offset: { y: 0.07 } }, "y"],
  ["above it", { position: TOP, offset: { y: -0.07 } }, "y"],
  ["beside it", { align: Align.LEFT, offset: { x: -0.1 } }, "x"],
  ["from the middle", { position: CENTER, offset: { x: 0.51 } }, "x"],
])("refuses an offset that leads %s", (_what, text, axis) => {
  expect(fieldsOf(text)).toEqual([`text.offset.${axis}`]);
});
