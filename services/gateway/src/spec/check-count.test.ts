import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { checkCount } from "@polyreel/spec/checks";
import { describe, expect, it } from "vitest";
import { videoBlock } from "../testing/sample-batch.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;

const batchOf = (rest: BatchInit = {}) =>
  normalizeBatch(
    create(BatchSchema, { blocks: [videoBlock("a", ["1", "2", "3"]), videoBlock("b", ["1", "2", "3"])], ...rest }),
  );
const signal = new AbortController().signal;
const count = (rest: BatchInit, maxCombinations = 1000, earlier: BatchInit[] = []) =>
  checkCount(batchOf(rest), earlier.map(batchOf), { maxCombinations, signal });

describe("checkCount", () => {
  it.each<[string, BatchInit, object[]]>([
    [
      "a fixed key of several combinations",
      { outputs: [{ as: "{batch}/hero.mp4" }] },
      [
        {
          field: "outputs[0].as",
          reason: 'Several combinations get the key "{batch}/hero.mp4": a=1, b=1, and a=1, b=2.',
          remedy: expect.stringContaining("such as {a} or {b} or {id}"),
        },
      ],
    ],
    ["a fixed key of one", { outputs: [{ as: "hero.mp4" }], where: ["a == '1' && b == '2'"] }, []],
    ["keys that may differ", { outputs: [{ as: "{a}.mp4" }, { as: "x/{id}.mp4" }] }, []],
  ])("recognises %s", async (_, rest, failures) => {
    expect((await count(rest)).failures).toMatchObject(failures);
  });

  it.each<[string, BatchInit, number]>([
    ["everything", {}, 9],
    ["what rules leave", { where: ["a != b"] }, 6],
    ["a sample", { sample: { count: 4n } }, 4],
    ["a sample of fewer than it asks for", { sample: { count: 40n } }, 9],
    ["all canvases", { canvases: [{ label: "x" }, { label: "y" }] }, 18],
  ])("counts %s", async (_, rest, combinations) => {
    expect(await count(rest)).toEqual({ combinations, failures: [] });
    expect(await count(rest, combinations)).toEqual({ combinations, failures: [] });
    const reason = `The blocks make ${combinations} combinations; the limit is ${combinations - 1}.`;
    expect((await count(rest, combinations - 1)).failures).toMatchObject([{ field: "blocks", reason }]);
  });

  it("counts what earlier samples leave", async () => {
    const first = { sample: { count: 4n, seed: 1n } };
    expect(await count({ continues: "b1" }, 5, [first])).toEqual({ combinations: 5, failures: [] });
    expect((await count({ continues: "b2" }, 1000, [first, { ...first, continues: "b1" }])).combinations).toBe(1);
  });

  it.each<[string, BatchInit, BatchInit[], object]>([
    [
      "a rule that is never true",
      { where: ["a == b", "a == '1' && a == '2'"] },
      [],
      { field: "where[1]", reason: "The rule is true for no combination." },
    ],
    ["rules that exclude each other", { where: ["a == '1'", "a == '2'"] }, [], { field: "where" }],
    [
      "nothing left to continue",
      { continues: "b1" },
      [{ sample: { count: 9n } }],
      { field: "continues", reason: "The batches that it continues make all combinations already." },
    ],
    ["a rule that can't be worked out", { where: ["int(a + 'x') > 2"] }, [], { field: "where[0]" }],
  ])("reports %s", async (_, rest, earlier, failure) => {
    expect(await count(rest, 1000, earlier)).toMatchObject({ combinations: 0, failures: [failure] });
  });

  it("reports the exact number if it is known, otherwise an approximation", async () => {
    const blocks = Array.from({ length: 20 }, (_, i) => videoBlock(`b${i}`, ["1", "2", "3", "4"]));
    const reasonOf = async (rest: BatchInit) => (await count({ blocks, ...rest })).failures[0]?.reason;
    expect(await reasonOf({})).toBe("The blocks make 1,099,511,627,776 combinations; the limit is 1,000.");
    expect(await reasonOf({ where: ["b0 != b19"] })).toContain("make 824,633,720,832 combinations");
    expect(await reasonOf({ blocks: [...blocks, ...blocks.map((one, i) => ({ ...one, name: `c${i}` }))] })).toContain(
      "make about 10^24 combinations",
    );
  });

  it("stops when the caller aborts", async () => {
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(checkCount(batchOf(), [], { maxCombinations: 9, signal: gone })).rejects.toThrow("gone");
  });
});
