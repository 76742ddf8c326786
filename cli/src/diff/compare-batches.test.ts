import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Batch, BatchSchema } from "@polyreel/contract";
import { parseBatchFile } from "@polyreel/spec/batch-file";
import { expect, it } from "vitest";
import { compareBatches } from "./compare-batches.js";

const { signal } = new AbortController();

const BASE = `
canvas: {width: 180, height: 320}
blocks:
  - name: hook
    video: {choices: [{source: a.mp4}, {source: b.mp4}]}
  - name: title
    text: {choices: [{text: One}, {text: Two}]}
`;

/** A batch with its sources bound: each file name stands for different bytes. */
function batchOf(text: string, bytes: Record<string, string> = {}): Batch {
  const { batchFile, problems } = parseBatchFile("batch.yaml", text);
  expect(problems).toEqual([]);
  if (!batchFile) throw new Error("no batch");
  for (const { path, message } of batchFile.sources) {
    message.location = { case: "sha256", value: (bytes[path] ?? path.charAt(0)).repeat(64).slice(0, 64) };
  }
  return fromBinary(BatchSchema, toBinary(BatchSchema, batchFile.batch));
}

it.each<[what: string, after: string, bytes: Record<string, string>, counts: [number, number, number, number]]>([
  ["the same", BASE, {}, [4, 0, 0, 0]],
  ["an added choice", BASE.replace("{text: Two}", "{text: Two}, {text: Three}"), {}, [4, 0, 2, 0]],
  ["a removed choice", BASE.replace(", {source: b.mp4}", ""), {}, [2, 0, 0, 2]],
  ["a replaced choice", BASE.replace("Two", "Three"), {}, [2, 0, 2, 2]],
  ["a file with other bytes", BASE, { "b.mp4": "c" }, [2, 2, 0, 0]],
  ["a moved file", BASE.replace("b.mp4", "moved/b.mp4"), { "moved/b.mp4": "b" }, [4, 0, 0, 0]],
  ["a choice with another setting", BASE.replace("b.mp4", "b.mp4, trim: {duration: 1s}"), {}, [2, 2, 0, 0]],
  ["a block with another setting", BASE.replace("text: {", "text: {position: top, "), {}, [0, 4, 0, 0]],
  ["another canvas", BASE.replace("180", "320"), {}, [0, 4, 0, 0]],
  ["an explicit default", BASE.replace("320}", "320, frameRate: 30}"), {}, [4, 0, 0, 0]],
  ["a rule", `${BASE}where: ["hook == 'a' || title == 'One'"]\n`, {}, [3, 0, 0, 1]],
  ["an added block", `${BASE}  - {name: cta, text: {choices: [{text: Buy}]}}\n`, {}, [0, 0, 4, 4]],
])("%s", async (_what, after, bytes, counts) => {
  const { kept, changed, added, removed } = await compareBatches(batchOf(BASE), batchOf(after, bytes), signal);
  expect([kept, changed.length, added.length, removed.length]).toEqual(counts);
});

it("identifies combinations by their choices, the canvas first if there are several", async () => {
  const several = BASE.replace("canvas: {width: 180, height: 320}", "canvases: [{label: tall}, {label: wide}]");
  const { added } = await compareBatches(batchOf(several.replace("{label: wide}", "")), batchOf(several), signal);
  expect(added.map((choices) => choices.map(({ block, choice }) => `${block}=${choice}`).join(" "))).toEqual(
    ["hook=a title=One", "hook=a title=Two", "hook=b title=One", "hook=b title=Two"].map((one) => `canvas=wide ${one}`),
  );
});
