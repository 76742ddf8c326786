import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { BatchState, CombinationState, FailureCode } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOfRun, resumed } from "./rework/runs.js";
import { type Ended, labels, manifestOf, runBatch } from "./testing/batches.js";
import { footage, text, video } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const folder = (path: string, more: object = {}) => ({ kind: { case: "folder" as const, value: { path, ...more } } });
const POSTER = { case: "thumbnail" as const, value: { width: 40 } };

const PATIENT = { timeout: 20_000 };

let pipeline: Pipeline;
let clip: string;
let first: Ended;
const inOut = (...path: string[]) => join(pipeline.out, ...path);
/** Files below a folder of the output folder, without receipts. */
const filesBelow = async (...path: string[]) => {
  const entries = await readdir(inOut(...path), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((one) => one.isFile() && !one.parentPath.includes(".polyreel"))
    .map((one) => join(one.parentPath, one.name).slice(inOut(...path).length + 1))
    .sort();
};
/** Titles are texts by label. */
const batch = (titles: Readonly<Record<string, string>>, rest: object = {}) => ({
  name: "spring",
  blocks: [
    video("hook", { choices: [footage("hook", clip)] }),
    text("title", { choices: Object.entries(titles).map(([label, shown]) => ({ label, text: shown })) }),
  ],
  outputs: outputs(),
  ...rest,
});
const outputs = (more: object = {}) => [
  { as: "{title}/{batch}.mp4", to: [folder("final", more), folder("copies", more)] },
  { name: "poster", operation: POSTER, as: "{title}/still/{id}.jpg", to: [folder("final", more)] },
];

beforeAll(async () => {
  pipeline = await startPipeline();
  const film = await makeFootage(pipeline.folder, "hook.mp4", { seconds: 0.3, sound: false, size: "160x90" });
  clip = await put(pipeline, film);
  first = await runBatch(pipeline, batch({ a: "A", b: "B", c: "C" }));
});
afterAll(() => pipeline?.close());

const idOf = (label: string, ended = first) =>
  ended.combinations.find((one) => labels(one).endsWith(label))?.id ?? expect.fail(`no ${label}`);

it("writes each combination's files under their keys, in subfolders", async () => {
  expect(first.status.deliveries).toMatchObject({ total: 9n, delivered: 9n, failed: 0n });
  const rows = await manifestOf(pipeline, "final");
  expect(await filesBelow("final")).toEqual(
    [
      ...["a", "b", "c"].flatMap((label) => [`${label}/spring.mp4`, `${label}/still/${idOf(label)}.jpg`]),
      "manifest.csv",
      "manifest.jsonl",
    ].sort(),
  );
  expect(await filesBelow("copies", "b")).toEqual(["spring.mp4"]);
  expect(rows.map(({ output, file }) => [output, file])).toEqual(
    ["a", "b", "c"].flatMap((label) => [
      ["video", `${label}/spring.mp4`],
      ["poster", `${label}/still/${idOf(label)}.jpg`],
    ]),
  );
});

it("serves them by their paths, with their content types", async () => {
  const one = first.combinations.find(({ id }) => id === idOf("b"));
  expect(one?.outputs.map(({ path }) => path)).toEqual([
    "final/b/spring.mp4",
    "copies/b/spring.mp4",
    `final/b/still/${one?.id}.jpg`,
  ]);
  expect(one?.outputs[0]?.urlPath).toBe(`/outputs/${first.batchId}/${one?.id}/b/spring.mp4`);
  const [served, , poster] = await Promise.all(
    (one?.outputs ?? []).map(async ({ urlPath }) => {
      const answer = await fetch(pipeline.url + urlPath);
      const bytes = Buffer.from(await answer.arrayBuffer());
      return {
        type: answer.headers.get("content-type"),
        disposition: answer.headers.get("content-disposition"),
        bytes,
      };
    }),
  );
  expect(served).toMatchObject({ type: "video/mp4", disposition: 'inline; filename="spring.mp4"' });
  expect(served?.bytes).toEqual(await readFile(inOut("final", "b", "spring.mp4")));
  expect(poster).toMatchObject({ type: "image/jpeg" });
  expect((await fetch(`${pipeline.url}/outputs/${first.batchId}/${one?.id}/spring.mp4`)).status).toBe(404);
});

it("refuses keys that would overwrite another batch's files, naming them", async () => {
  const other = batch({ a: "A" }, { name: "autumn", outputs: [{ as: "{title}/spring.mp4", to: [folder("final")] }] });
  const { combinations } = await runBatch(pipeline, other);
  expect(combinations[0]?.failure).toMatchObject({
    code: FailureCode.ALREADY_EXISTS,
    field: "outputs[0].to[0]",
    reason: expect.stringContaining(
      'An existing file in final does not belong to this batch: a/spring.mp4 (of batch "spring").',
    ),
  });
});

it("refuses a key that two combinations would get, even when it is retried", async () => {
  const into = [{ as: "{title}.mp4", to: [folder("clash")] }];
  const clashing = await runBatch(pipeline, batch({ x: "X", X: "Y" }, { name: "clash", outputs: into }));
  const reason =
    'Two files get the name "X.mp4": output "video" of hook=hook, title=x, and output "video" of hook=hook, title=X.';
  const refused = { field: "outputs[0].as", reason, code: FailureCode.INVALID_ARGUMENT };
  const failuresIn = ({ combinations }: Ended) => combinations.map(({ failure }) => failure);
  expect(failuresIn(clashing)).toMatchObject([refused, refused]);
  const run = await resumed(
    pipeline.batches.retryBatch({ batchId: clashing.batchId, which: { combinationIds: [idOf("x", clashing)] } }),
  );
  const ended = await endOfRun(pipeline, clashing.batchId, run);
  expect(failuresIn(ended)).toMatchObject([refused, refused]);
  expect(await filesBelow("clash")).not.toContain("x.mp4");
  await expect(runBatch(pipeline, batch({ x: "X", y: "Y" }, { outputs: [{ as: "hero.mp4" }] }))).rejects.toThrow(
    'Several combinations get the key "hero.mp4": hook=hook, title=x, and hook=hook, title=y.',
  );
});

it("restores lost files, including those in subfolders", async () => {
  await rm(inOut("final"), { recursive: true });
  const run = await resumed(
    pipeline.batches.deliverCombinations({ batchId: first.batchId, which: { outputs: ["poster"] } }),
  );
  await endOfRun(pipeline, first.batchId, run);
  const videos = ["a", "b", "c"].map((label) => `${label}/spring.mp4`);
  await expect.poll(() => filesBelow("final"), PATIENT).toEqual(expect.arrayContaining(videos));
  const state = async () => (await pipeline.batches.getBatch({ batchId: first.batchId })).batch?.state;
  await expect.poll(state, PATIENT).toBe(BatchState.FINISHED);
});

it("delivers below another folder, and one output alone", async () => {
  const { batchId } = first;
  const which = { outputs: ["video"], combinationIds: [idOf("a")] };
  const run = await resumed(pipeline.batches.deliverCombinations({ batchId, which, destination: folder("elsewhere") }));
  expect(run).toMatchObject({ combinations: 1n });
  await endOfRun(pipeline, batchId, run);
  await expect
    .poll(() => filesBelow("elsewhere"), PATIENT)
    .toEqual(["a/spring.mp4", `manifest-${batchId}.csv`, `manifest-${batchId}.jsonl`]);
});

it("rendering again keeps unchanged files, lists dropped ones, and prunes them with their subfolders", async () => {
  const video = async (label: string) => (await stat(inOut("final", label, "spring.mp4"), { bigint: true })).mtimeNs;
  const before = await Promise.all([video("a"), video("b")]);
  const droppedOf = async (ended: Ended) => {
    const dropped = async () => (await pipeline.batches.getBatch({ batchId: ended.batchId })).batch?.dropped;
    await expect.poll(dropped).toBeDefined();
    return dropped();
  };
  const second = await runBatch(pipeline, batch({ a: "A", b: "changed" }));
  expect(second.combinations.map(({ state }) => state)).toEqual([
    CombinationState.DELIVERED,
    CombinationState.DELIVERED,
  ]);
  const after = await Promise.all([video("a"), video("b")]);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  const gone = ["copies/c/spring.mp4", "final/c/spring.mp4", `final/c/still/${idOf("c")}.jpg`];
  const dropped = await droppedOf(second);
  expect([...(dropped?.paths ?? [])].sort()).toEqual(gone);
  expect(dropped).toMatchObject({ count: 3n, removed: false });

  const pruned = batch({ a: "A", b: "changed" }, { outputs: outputs({ prune: true }) });
  const third = await runBatch(pipeline, pruned);
  expect(await droppedOf(third)).toMatchObject({ count: 3n, removed: true });
  expect((await readdir(inOut("final"))).filter((name) => !name.startsWith("manifest"))).toEqual([
    ".polyreel",
    "a",
    "b",
  ]);

  for (const { batchId } of [first, second, third]) {
    await pipeline.batches.deleteBatch({ batchId });
    const isGone = () =>
      pipeline.batches.getBatch({ batchId }).then(
        () => false,
        () => true,
      );
    await expect.poll(isGone, PATIENT).toBe(true);
  }
  for (const name of ["final", "copies", "elsewhere"])
    await expect.poll(() => readdir(inOut(name)).catch(() => []), PATIENT).toEqual([]);
});

it("accepts a fixed key for one combination, in one Unicode form", async () => {
  const one = batch({ a: "A" }, { name: "one", outputs: [{ as: "cafe\u0301/hero.mp4", to: [folder("hero")] }] });
  const ended = await runBatch(pipeline, one);
  expect(ended.combinations[0]?.path).toBe("hero/caf\u00e9/hero.mp4");
  expect(await filesBelow("hero", "caf\u00e9")).toEqual(["hero.mp4"]);
});
