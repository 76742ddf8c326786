import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, SubmitBatchRequestSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { checkCount } from "@polyreel/spec/checks";
import { expect, it } from "vitest";
import { createRequestCheck } from "../server/validate.js";
import { source, video } from "../testing/checked-batch.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;

const check = createRequestCheck();
const batchOf = (rest: BatchInit): Batch =>
  create(BatchSchema, {
    inputs: [{ source }, { label: "talk", source: { ...source, name: "talk.mov" } }],
    outputs: [{ operation: { case: "thumbnail", value: {} } }],
    ...rest,
  });
const failuresOf = (rest: BatchInit) =>
  check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch: batchOf(rest) })).failures.map(
    ({ field, block, choice, reason, remedy }) => ({ field, block, choice, reason, remedy }),
  );

it("accepts inputs with every supported output", () => {
  const rest: BatchInit = {
    outputs: [
      { operation: { case: "thumbnail", value: { width: 320 } } },
      { name: "frames", operation: { case: "contactSheet", value: {} } },
      { operation: { case: "audio", value: {} } },
      { poster: {}, operation: { case: "contactSheet", value: {} } },
    ],
    naming: "{input}-{input.year}",
    where: ["input != 'talk'"],
    inputs: [
      { source, metadata: { year: "2024" } },
      { label: "talk", source },
    ],
  };
  expect(failuresOf(rest)).toEqual([]);
});

it.each<[string, BatchInit, object]>([
  [
    "neither blocks nor inputs",
    { inputs: [], outputs: [] },
    {
      field: "blocks",
      reason: "The batch has neither blocks nor inputs.",
      remedy: "Add at least one video block, or list media to process as they are under inputs.",
    },
  ],
  [
    "both",
    { blocks: [video("hook")] },
    {
      field: "inputs",
      reason: "The batch has both blocks and inputs.",
      remedy: "Keep one: blocks are combined, inputs are processed as they are. Make two batches of them to have both.",
    },
  ],
  [
    "no outputs",
    { outputs: [] },
    {
      field: "outputs",
      reason: "The batch has inputs and no outputs: nothing would be made of them.",
      remedy: expect.stringMatching(/^Name at least one output: thumbnail.* as in outputs: \[\{thumbnail: /),
    },
  ],
  [
    "a video of inputs",
    { outputs: [{ operation: { case: "thumbnail", value: {} } }, { name: "movie" }] },
    {
      field: "outputs[1]",
      reason: 'Output "movie" is mp4, which can be made of blocks only, not of inputs.',
      remedy: expect.stringMatching(/^Make it thumbnail.* or list the media as choices of video blocks\.$/),
    },
  ],
  [
    "a canvas",
    { canvas: {} },
    {
      field: "canvas",
      reason: "Inputs are processed as they are, on no canvas.",
      remedy: "Leave canvas out; set the size of a picture by its output's width.",
    },
  ],
  ["several canvases", { canvases: [{ label: "x" }, { label: "y" }] }, { field: "canvases" }],
  ["a loudness", { loudnessLufs: -23 }, { field: "loudnessLufs", remedy: "Leave loudnessLufs out." }],
  [
    "a label given twice",
    { inputs: [{ label: "a", source }, { source }] },
    {
      ...{ field: "inputs[1].label", block: "input", choice: "a" },
      reason: 'Two inputs go by "a": inputs[0] and inputs[1].',
      remedy: "Give each input a label of its own.",
    },
  ],
  [
    "an input without a source",
    { inputs: [{ source }, { label: "talk" }] },
    {
      ...{ field: "inputs[1].source", block: "input", choice: "talk" },
      reason: "The input has no source.",
      remedy: "Give it the path of a file, or a URL.",
    },
  ],
  [
    "a source that says nothing",
    { inputs: [{ source: { name: "talk.mov" } }] },
    { field: "inputs[0].source", block: "input", choice: "talk" },
  ],
  [
    "a broken rule within an input",
    { inputs: [{ source: { name: "talk.mov", location: { case: "sha256", value: "x" } } }] },
    { field: "inputs[0].source.sha256", block: "input", choice: "talk", reason: "That is no SHA-256." },
  ],
  [
    "a placeholder that inputs have not",
    { naming: "{input}_{canvas}" },
    { field: "naming", remedy: "Known are {input}, {id}, {batch}, {date}, {index}." },
  ],
])("refuses %s", (_, rest, failure) => {
  expect(failuresOf(rest)).toMatchObject([failure]);
});

it("refuses a block that contains inputs", () => {
  const blocks: BatchInit["blocks"] = [{ name: "input", kind: { case: "input", value: { choices: [{ source }] } } }];
  expect(failuresOf({ inputs: [], blocks })).toMatchObject([
    { field: "blocks[0].input", block: "input", reason: "A block can't hold inputs." },
  ]);
});

it("names inputs in the message about too many", async () => {
  const limits = { maxCombinations: 1, signal: new AbortController().signal };
  expect((await checkCount(normalizeBatch(batchOf({})), [], limits)).failures).toMatchObject([
    { field: "inputs", reason: "The batch has 2 inputs; the limit is 1." },
  ]);
});
