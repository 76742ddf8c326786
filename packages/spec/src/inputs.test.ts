import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { BatchSchema, OutputSchema } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { combinationCount } from "./combination-count.js";
import { continueMistakes } from "./continues.js";
import { normalizeBatch } from "./normalize.js";
import { selectionMistakes, selectionOf } from "./selection/selection.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;

const url = (value: string) => ({ location: { case: "url" as const, value } });
const stored = (name: string) => ({ name, location: { case: "sha256" as const, value: "a".repeat(64) } });
const INPUTS = [
  { source: stored("clips/talk.mov"), metadata: { year: "2024" } },
  { source: url("https://example.org/keynote.mp4?key=1") },
  { source: stored("talk.mov"), label: "again", track: 2 },
];
const batchOf = (rest: BatchInit = {}) => normalizeBatch(create(BatchSchema, { inputs: INPUTS, ...rest }));
const thumbnail = { operation: { case: "thumbnail" as const, value: {} } };

describe("a batch with inputs", () => {
  it("has them as the choices of its only block, without a canvas", () => {
    const full = batchOf({ outputs: [thumbnail] });
    expect(full).toMatchObject({ inputs: [], canvases: [], loudnessLufs: 0, outputs: [{ name: "poster" }] });
    expect(full.canvas).toBeUndefined();
    expect(full.blocks.map((block) => [block.name, block.kind.case])).toEqual([["input", "input"]]);
    expect(full.blocks[0]?.kind.value?.choices).toMatchObject([
      { label: "talk", metadata: { year: "2024" } },
      { label: "keynote" },
      { label: "again", track: 2 },
    ]);
    expect(normalizeBatch(full)).toEqual(full);
    expect(combinationCount(full)).toBe(3n);
  });

  it("leaves mistakes for the checks: no outputs, blocks beside inputs, a canvas", () => {
    expect(batchOf().outputs).toEqual([]);
    const both = batchOf({ blocks: [{ name: "v", kind: { case: "video", value: {} } }] });
    expect([both.inputs.length, both.blocks.length]).toEqual([3, 1]);
    expect(batchOf({ canvas: {} }).canvas).toMatchObject({ width: 1080 });
  });

  it("keeps pictures of the former spelling without their video", () => {
    const outputs = (rest: BatchInit) => batchOf(rest).outputs.map((output) => toJson(OutputSchema, output) as object);
    expect(
      outputs({ outputs: [{ poster: { seconds: 1n }, operation: { case: "contactSheet", value: {} } }] }),
    ).toMatchObject([
      { name: "poster", thumbnail: { at: "1s" } },
      { name: "sheet", contactSheet: {} },
    ]);
    expect(outputs({ outputs: [{ virtual: true }] })).toMatchObject([{ name: "video", mp4: {} }]);
  });

  it("is filtered by rules and samples", async () => {
    const selected = async (rest: BatchInit) => {
      const selection = selectionOf(batchOf(rest));
      await selection.prepare();
      return [...selection.combinations()].map(({ positions, canvas }) => [...positions, canvas]);
    };
    expect(await selected({ where: ["input != 'keynote'"] })).toEqual([
      [0, 0],
      [2, 0],
    ]);
    expect(await selected({ where: ["meta.input.year == '2024'"] })).toEqual([[0, 0]]);
    expect(await selected({ sample: { count: 2n } })).toHaveLength(2);
  });

  it("has no canvas in its rules", () => {
    expect(selectionMistakes(batchOf({ where: ["canvas == '1080x1920'", "input == 'tlak'"] }))).toMatchObject([
      { field: "where[0]", remedy: 'Known are "input", and meta.<block>.<key>.' },
      {
        field: "where[1]",
        block: "input",
        remedy: 'Did you mean "talk"? The labels are "talk", "keynote" and "again".',
      },
    ]);
  });

  it("continues only a batch with the same inputs", () => {
    const sample = { sample: { count: 1n } };
    const earlier = batchOf(sample);
    expect(continueMistakes(batchOf({ name: "all" }), earlier, "b1")).toEqual([]);
    expect(continueMistakes(batchOf({ inputs: INPUTS.slice(1) }), earlier, "b1")).toMatchObject([
      { reason: 'Batch "b1" has other combinations: it differs in its inputs.' },
    ]);
  });
});
