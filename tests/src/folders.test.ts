import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BatchState } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { failuresOf, manifestOf, runBatch } from "./testing/batches.js";
import { footage, text, video } from "./testing/blocks.js";
import { visibleFiles } from "./testing/left-behind.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

let pipeline: Pipeline;
let clip: string;
beforeAll(async () => {
  pipeline = await startPipeline();
  clip = await put(
    pipeline,
    await makeFootage(pipeline.folder, "hook.mp4", { seconds: 0.3, sound: false, size: "160x90" }),
  );
});
afterAll(() => pipeline?.close());

const batch = (name: string, titles: readonly (readonly [label: string, text: string])[], into: object = {}) => ({
  name,
  blocks: [
    video("hook", { choices: [footage("hook", clip)] }),
    text("title", { choices: titles.map(([label, shown]) => ({ label, text: shown })) }),
  ],
  naming: "{title}",
  outputs: [{ destination: { kind: { case: "folder" as const, value: { path: "spring", ...into } } } }],
});
const folder = () => join(pipeline.out, "spring");
const times = async (...names: string[]) =>
  Promise.all(names.map(async (name) => (await stat(join(folder(), name), { bigint: true })).mtimeNs));
const droppedOf = async (batchId: string) => {
  const dropped = async () => (await pipeline.batches.getBatch({ batchId })).batch?.dropped;
  await expect.poll(dropped).toBeDefined();
  return dropped();
};

it("rendering again keeps unchanged files, replaces changed ones, lists and prunes dropped ones", async () => {
  const first = await runBatch(
    pipeline,
    batch("spring", [
      ["a", "A"],
      ["b", "B"],
      ["c", "C"],
      ["d", "D"],
    ]),
  );
  await manifestOf(pipeline, "spring");
  const before = await times("a.mp4", "b.mp4");
  expect(await droppedOf(first.batchId)).toMatchObject({ count: 0n });

  const second = await runBatch(
    pipeline,
    batch("spring", [
      ["a", "A"],
      ["b", "changed"],
    ]),
  );
  expect(second.status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  const after = await times("a.mp4", "b.mp4");
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  expect(await droppedOf(second.batchId)).toMatchObject({
    count: 2n,
    removed: false,
    paths: expect.arrayContaining(["spring/c.mp4", "spring/d.mp4"]),
  });

  await writeFile(join(folder(), "d.mp4"), "edited");
  const third = await runBatch(
    pipeline,
    batch(
      "spring",
      [
        ["a", "A"],
        ["b", "changed"],
      ],
      { prune: true },
    ),
  );
  expect(await droppedOf(third.batchId)).toMatchObject({ count: 1n, removed: true, paths: ["spring/c.mp4"] });
  expect(await visibleFiles(folder())).toEqual(["a.mp4", "b.mp4", "d.mp4", "manifest.csv", "manifest.jsonl"]);

  // Files that now belong to the third are kept when the first is deleted.
  await pipeline.batches.deleteBatch({ batchId: first.batchId });
  const state = () =>
    pipeline.batches.getBatch({ batchId: first.batchId }).then(
      ({ batch: one }) => one?.state,
      () => undefined,
    );
  await expect.poll(state).not.toBe(BatchState.DELETING);
  expect(await visibleFiles(folder())).toEqual(["a.mp4", "b.mp4", "d.mp4", "manifest.csv", "manifest.jsonl"]);
});

it("rejects a batch at planning if files of others are in the way, and makes no part for it", async () => {
  await writeFile(join(folder(), "z.mp4"), "precious");
  const other = batch("autumn", [
    ["a", "new words"],
    ["z", "Z"],
    ["y", "Y"],
  ]);
  const refused = await runBatch(pipeline, other);
  expect(refused.status).toMatchObject({ combinations: { delivered: 0n, failed: 3n }, clips: { distinct: 0n } });
  const [failure] = failuresOf(refused.combinations).values();
  expect(failure?.reason).toBe(
    '2 existing files in spring do not belong to this batch: a.mp4 (of batch "spring"), z.mp4.',
  );
  expect(failure?.remedy).toMatch(/another folder or another naming.*--overwrite/);
  expect(await readFile(join(folder(), "z.mp4"), "utf8")).toBe("precious");

  const forced = await runBatch(
    pipeline,
    batch(
      "autumn",
      [
        ["a", "new words"],
        ["z", "Z"],
      ],
      { overwrite: true },
    ),
  );
  expect(forced.status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  expect((await stat(join(folder(), "z.mp4"))).size).toBeGreaterThan(1000);
});

it("separates the folders of other tenants", async () => {
  const own = { ...batch("spring", [["a", "A"]]), tenant: "acme" };
  const sha256 = await put(pipeline, join(pipeline.folder, "hook.mp4"), "acme");
  expect(sha256).toBe(clip);
  const { combinations } = await runBatch(pipeline, own);
  expect(combinations[0]?.path).toBe("tenants/acme/spring/a.mp4");
  await stat(join(pipeline.out, "tenants/acme/spring/a.mp4"));
  await expect(runBatch(pipeline, batch("x", [["a", "A"]], { path: "tenants/acme/spring" }))).rejects.toThrow(
    /other tenants/,
  );
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
