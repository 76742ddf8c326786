import { create } from "@bufbuild/protobuf";
import { type AudioBlock, BlockSchema, Overrun } from "@polyreel/contract";
import { expect, it } from "vitest";
import { checkAudio } from "./check-audio.js";

const audio = (value: Partial<Pick<AudioBlock, "duck" | "loop" | "overrun">>) =>
  create(BlockSchema, { name: "music", kind: { case: "audio", value } });
const voice = create(BlockSchema, { name: "speaker", kind: { case: "voice", value: {} } });

it.each([
  ["duck without a voice", audio({ duck: true }), [], "blocks[1].audio.duck"],
  ["duck with a voice", audio({ duck: true }), [voice], undefined],
  ["a loop that extends the picture", audio({ loop: true, overrun: Overrun.EXTEND }), [], "blocks[1].audio.overrun"],
  ["a loop that fails", audio({ loop: true, overrun: Overrun.FAIL }), [], "blocks[1].audio.overrun"],
  ["a loop that is trimmed", audio({ loop: true, overrun: Overrun.TRIM }), [], undefined],
  ["a recording that extends the picture", audio({ overrun: Overrun.EXTEND }), [], undefined],
])("%s", (_, block, others, field) => {
  const mistakes = checkAudio(block, "blocks[1]", [block, ...others]);
  expect(mistakes.map((mistake) => mistake.field)).toEqual(field ? [field] : []);
  for (const mistake of mistakes) expect(mistake.block).toBe("music");
});
