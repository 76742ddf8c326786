import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchState, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { needs } from "@polyreel/platform/testing";
import { afterAll, it, vi } from "vitest";
import { endOf, failuresOf, runBatch, submit, watch } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { openMountedFolder } from "../testing/read-only-folder.js";
import { mayMount } from "../testing/small-disk.js";
import { expectWhole } from "./whole.js";

vi.setConfig({ testTimeout: 300_000 });

/** Each test mostly waits for growing delays, in services of its own. */
const CONCURRENT = { concurrent: true };

const releasers = new Releasers();
afterAll(() => releasers.close());

/** Allows for a busy machine. */
const PATIENT = { timeout: 60_000, interval: 100 };
/** Longer than five attempts used to take. */
const OUTAGE_MS = 9_000;

/** 72 combinations of 17 short clips. */
async function manyCombinations(pipeline: Pipeline) {
  const sha256 = await put(pipeline, await makeFootage(pipeline.folder, "one.mp4", { size: "160x90", sound: false }));
  const choices = (count: number, firstMs: number) =>
    Array.from({ length: count }, (_, i) =>
      footage(`c${i}`, sha256, { trim: { duration: { seconds: 0n, nanos: (firstMs + i * 34) * 1_000_000 } } }),
    );
  return {
    canvas: { width: 90, height: 160 },
    blocks: [video("hook", { choices: choices(8, 100) }), video("body", { choices: choices(9, 400) })],
  };
}

const delivered =
  (count: number) =>
  ({ update }: WatchBatchResponse) =>
    update.case === "combinationDelivered" && --count <= 0;

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => ConnectError.from(error).code,
  );

// Mounting requires privileges: otherwise these are reported as skipped.
const canMount = await mayMount();

it("delivers all of a batch whose output folder was read-only for a while, and shows that it waits", {
  ...needs(canMount, "needs a user that may mount"),
  ...CONCURRENT,
}, async ({ expect }) => {
  const mount = releasers.use(await openMountedFolder());
  const pipeline = releasers.use(await startPipeline({ POLYREEL_OUTPUT: mount.folder }));
  const batchId = await submit(pipeline, await manyCombinations(pipeline));
  await watch(pipeline, batchId, { withinSeconds: 90, until: delivered(3) });
  await mount.makeReadOnly();
  const since = Date.now();
  const waiting = async () => (await pipeline.batches.getBatch({ batchId })).batch?.waiting;
  await expect.poll(async () => Number((await waiting())?.count ?? 0), PATIENT).toBeGreaterThan(10);
  expect(await waiting()).toMatchObject({
    stage: Stage.DELIVERY,
    next: { reason: expect.stringMatching(/^Cannot write .*: the file system is read-only\.$/), until: {} },
  });
  await delay(Math.max(0, OUTAGE_MS - (Date.now() - since)));
  await mount.makeWritable();
  const ended = await endOf(pipeline, batchId, { withinSeconds: 120 });
  expect(failuresOf(ended.combinations)).toEqual(new Map());
  expect(ended.combinations).toHaveLength(72);
  await expectWhole(pipeline, ended);
  expect((await pipeline.batches.getBatch({ batchId })).batch?.waiting).toBeUndefined();
  await expectNothingLeft(pipeline);
});

it("deletes a batch once its output folder is writable again, and shows the reason for waiting", {
  ...needs(canMount, "needs a user that may mount"),
  ...CONCURRENT,
}, async ({ expect }) => {
  const mount = releasers.use(await openMountedFolder());
  const pipeline = releasers.use(
    await startPipeline({
      POLYREEL_OUTPUT: mount.folder,
      POLYREEL_OUTAGE_WAIT: "1s",
      POLYREEL_ACK_WAIT_SECONDS: "5",
    }),
  );
  const batch = { ...(await manyCombinations(pipeline)), sample: { count: 12n } };
  const { batchId } = await runBatch(pipeline, batch, { requestId: "again" });
  await mount.makeReadOnly();
  await pipeline.batches.deleteBatch({ batchId });
  const shown = async () => (await pipeline.batches.getBatch({ batchId })).batch;
  const isWaiting = {
    state: BatchState.DELETING,
    waiting: {
      stage: Stage.DELETION,
      next: { reason: expect.stringMatching(/^Cannot remove .*: the file system is read-only\.$/) },
    },
  };
  await expect.poll(shown, PATIENT).toMatchObject(isWaiting);
  expect(await codeOf(submit(pipeline, batch, "again"))).toBe(Code.Unavailable);

  // Restarted services resume it, and it is shown again.
  await Promise.all([pipeline.services.uploader.kill("SIGKILL"), pipeline.services.gateway.kill("SIGKILL")]);
  pipeline.start("uploader");
  await pipeline.start("gateway").logged(/^listening/);
  await expect.poll(() => shown().catch(() => undefined), PATIENT).toMatchObject(isWaiting);
  const listed = (await pipeline.batches.listBatches({ states: [BatchState.DELETING] })).batches;
  expect(listed).toMatchObject([{ batchId, ...isWaiting }]);
  expect((await readdir(join(pipeline.out, batchId))).length).toBeGreaterThanOrEqual(12);

  await mount.makeWritable();
  await expect.poll(() => codeOf(shown()), PATIENT).toBe(Code.NotFound);
  expect(await readdir(pipeline.out)).toEqual([]);
  // At once: nothing of the other batch is in its way.
  const ended = await runBatch(pipeline, batch, { requestId: "again" });
  expect(ended.batchId).toBe(batchId);
  await expectWhole(pipeline, ended);
  await expectNothingLeft(pipeline);
});

it("deletes a batch once an obstacle is removed", CONCURRENT, async ({ expect }) => {
  const pipeline = releasers.use(await startPipeline());
  const batch = await manyCombinations(pipeline);
  const { batchId, combinations } = await runBatch(pipeline, { ...batch, sample: { count: 3n } });
  const path = join(pipeline.out, combinations[1]?.path ?? "");
  await rm(path);
  await mkdir(path);
  await writeFile(join(path, "note"), "mine");
  await pipeline.batches.deleteBatch({ batchId });
  const shown = async () => (await pipeline.batches.getBatch({ batchId })).batch;
  await expect
    .poll(async () => (await shown())?.waiting?.next?.reason, PATIENT)
    .toBe(`Cannot remove ${path}: a folder lies there.`);
  await rm(path, { recursive: true });
  await expect.poll(() => codeOf(shown()), PATIENT).toBe(Code.NotFound);
  expect(await readdir(pipeline.out)).toEqual([]);
  await expectNothingLeft(pipeline);
});

it("restores files of an output folder that was removed meanwhile", CONCURRENT, async ({ expect }) => {
  const pipeline = releasers.use(await startPipeline({ POLYREEL_DELIVERIES: "2" }));
  const batchId = await submit(pipeline, await manyCombinations(pipeline));
  await watch(pipeline, batchId, { withinSeconds: 90, until: delivered(7) });
  await rm(pipeline.out, { recursive: true, force: true, maxRetries: 20 });
  const ended = await endOf(pipeline, batchId, { withinSeconds: 120 });
  expect(failuresOf(ended.combinations)).toEqual(new Map());
  await expectWhole(pipeline, ended);
  await expectNothingLeft(pipeline);
});
