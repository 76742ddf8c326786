import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { OutputSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { normalizeOutputs, specifiedIndexes } from "./normalize-outputs.js";
import { fileSuffixes, renditionTypeOf } from "./operations.js";

type Rest = Pick<MessageInitShape<typeof OutputSchema>, "name" | "as" | "to">;

const storyboard = (value: object, rest: Rest = {}) =>
  create(OutputSchema, { ...rest, operation: { case: "storyboard" as const, value } });

it("gives a storyboard its cues as another output, with its destinations, and beside its key", () => {
  const to = [{ kind: { case: "folder" as const, value: { path: "web" } } }];
  const given = [storyboard({}), storyboard({ width: 80 }, { name: "wide", as: "{input}/wide.jpg", to })];
  const outputs = normalizeOutputs(given);
  expect(outputs).toMatchObject([
    { name: "storyboard", operation: { value: { width: 160, columns: 10, cuesOf: "" } } },
    { name: "storyboard-cues", operation: { value: { width: 0, columns: 0, cuesOf: "storyboard" } } },
    { name: "wide", as: "{input}/wide.jpg", to },
    { name: "wide-cues", as: "{input}/wide.vtt", to, operation: { value: { cuesOf: "wide" } } },
  ]);
  expect(fileSuffixes(outputs)).toEqual([...[".storyboard.jpg", ".storyboard.vtt", ".wide.jpg", ".wide-cues.vtt"]]);
  expect(outputs.map((output) => renditionTypeOf(output)?.contentType)).toEqual([
    ...["image/jpeg", "text/vtt", "image/jpeg", "text/vtt"],
  ]);
  expect(specifiedIndexes(given, true)).toEqual([0, 0, 1, 1]);
  expect(normalizeOutputs(outputs)).toEqual(outputs);
});

it("leaves cues that are specified", () => {
  const outputs = normalizeOutputs([storyboard({ cuesOf: "board" }), storyboard({}, { name: "board" })]);
  expect(outputs.map(({ name }) => name)).toEqual(["storyboard-cues", "board"]);
});
