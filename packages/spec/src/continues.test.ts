import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, type BlockSchema, type Source } from "@polyreel/contract";
import { expect, it } from "vitest";
import { continueMistakes } from "./continues.js";
import { normalizeBatch } from "./normalize.js";

const text = (name: string, ...texts: string[]): MessageInitShape<typeof BlockSchema> => ({
  name,
  kind: { case: "text", value: { choices: texts.map((one) => ({ text: one, metadata: { a: "1", b: "2" } })) } },
});
const batchOf = (rest: MessageInitShape<typeof BatchSchema>) =>
  normalizeBatch(create(BatchSchema, { blocks: [text("a", "x", "y"), text("b", "x")], where: ["a != b"], ...rest }));
const sample = batchOf({ name: "sample", sample: { count: 3n }, naming: "{id}", outputs: [{ poster: {} }] });

it.each<[string, MessageInitShape<typeof BatchSchema>]>([
  ["all of it", {}],
  ["another sample", { sample: { count: 5n, seed: 8n } }],
  [
    "other names and pictures",
    { name: "rest", naming: "{a}", outputs: [{ operation: { case: "contactSheet", value: {} } }] },
  ],
])("a sample can be continued by %s", (_, rest) => {
  expect(continueMistakes(batchOf({ continues: "b1", ...rest }), sample)).toEqual([]);
});

it.each<[string, MessageInitShape<typeof BatchSchema>]>([
  ['block "a"', { blocks: [text("a", "x", "z"), text("b", "x")] }],
  ['block "c"', { blocks: [text("a", "x", "y"), text("b", "x"), text("c", "x")] }],
  ["its rules", { where: [] }],
  ["its canvases", { canvas: { frameRate: 25 } }],
])("a sample cannot be continued with a different %s", (difference, rest) => {
  expect(continueMistakes(batchOf({ continues: "b1", ...rest }), sample)).toMatchObject([
    { field: "continues", reason: `Batch "b1" has other combinations: it differs in ${difference}.` },
  ]);
});

it("a sample whose file was missing can be continued with the file, and after it was found", () => {
  const withHook = (...locations: Source["location"][]) =>
    normalizeBatch(
      create(BatchSchema, {
        sample: { count: 1n },
        blocks: [
          {
            name: "hook",
            kind: {
              case: "video",
              value: {
                choices: locations.map((location, i) => ({
                  label: `${i}`,
                  media: { case: "source" as const, value: { name: "a.mp4", location } },
                })),
              },
            },
          },
        ],
      }),
    );
  const gone = { case: "unreadable" as const, value: "gone" };
  const here = { case: "sha256" as const, value: "0".repeat(64) };
  const other = { case: "sha256" as const, value: "1".repeat(64) };
  expect(continueMistakes(withHook(here, here), withHook(here, gone))).toEqual([]);
  expect(continueMistakes(withHook(here, gone), withHook(here, here))).toEqual([]);
  expect(continueMistakes(withHook(here, other), withHook(here, here))).toHaveLength(1);
});

it("a batch that is no sample cannot be continued", () => {
  expect(continueMistakes(batchOf({ continues: "b1" }), batchOf({}))).toMatchObject([
    { reason: 'Batch "b1" was no sample: it makes all of its combinations itself.' },
  ]);
});
