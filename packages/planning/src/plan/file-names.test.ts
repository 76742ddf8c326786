import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, BatchSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { fileNamesOf } from "./file-names.js";

type Outputs = MessageInitShape<typeof BatchSchema>["outputs"];

const batchOf = (labels: readonly string[], outputs: Outputs): Batch =>
  normalizeBatch(
    create(BatchSchema, {
      name: "spring sale",
      blocks: [
        {
          name: "hook",
          kind: {
            case: "text",
            value: { choices: labels.map((label) => ({ label, text: "x", metadata: { lang: "de" } })) },
          },
        },
      ],
      outputs: outputs ?? [],
    }),
  );
const names = (labels: readonly string[], ...outputs: NonNullable<Outputs>): string[][] => {
  const namesAt = fileNamesOf(batchOf(labels, outputs));
  return labels.map((_, position) => namesAt({ positions: [position], canvas: 0 }, `id${position}`));
};

it.each<[as: string, labels: string[], expected: string[]]>([
  ["final/hero.mp4", ["a"], ["final/hero.mp4"]],
  ["{batch}/{hook.lang}/{hook}-{id}.mp4", ["a", "b"], ["spring-sale/de/a-id0.mp4", "spring-sale/de/b-id1.mp4"]],
  // Values of labels are made safe, and add no folder.
  ["{hook}/x.mp4", ["../up", "a/b", "con"], ["up/x.mp4", "a-b/x.mp4", "_con/x.mp4"]],
  ["{hook}.mp4", ["...", "x."], ["id0.mp4", "x.mp4"]],
  ["{hook}/{hook}.mp4", ["Tenants"], ["_Tenants/Tenants.mp4"]],
  ["{hook}/x.mp4", ["?"], ["id0/x.mp4"]],
  ["e\u0301.mp4", ["a"], ["\u00e9.mp4"]],
])("has the key %s", (as, labels, expected) => {
  expect(names(labels, { as }).flat()).toEqual(expected);
});

it("keeps the names of the other outputs", () => {
  const poster = { operation: { case: "thumbnail" as const, value: {} } };
  expect(names(["a", "b"], { as: "x/{hook}.mp4" }, poster)).toEqual([
    ["x/a.mp4", "a.jpg"],
    ["x/b.mp4", "b.jpg"],
  ]);
});

it("cuts names that labels make too long", () => {
  const [[key = ""] = []] = names(["x".repeat(200)], { as: "{hook}/{hook}.mp4" });
  expect(key.split("/").map((name) => name.length)).toEqual([180, 184]);
});
