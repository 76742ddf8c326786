import { randomUUID } from "node:crypto";
import { timestampFromDate, timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchState, batchSubjects, STREAM, Stage } from "@polyreel/contract";
import { scopedStore } from "@polyreel/platform/blobs";
import { lastFact } from "@polyreel/platform/stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BatchGateway, PATIENT, refusal, runBatchGateway } from "../testing/batch-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

let gateway: BatchGateway["gateway"];
let client: BatchGateway["client"];
let submit: BatchGateway["submit"];
let planned: BatchGateway["planned"];
let deliver: BatchGateway["deliver"];
beforeAll(async () => {
  ({ gateway, client, submit, planned, deliver } = await runBatchGateway({ maxCombinations: 100 }));
});
afterAll(() => gateway.close());

describe("DeleteBatch", () => {
  it("refuses a live batch; of one that has ended removes the parts that no other uses", async () => {
    const own = "1".repeat(64);
    const common = "2".repeat(64);
    const batchId = await submit();
    const other = await submit();
    const { publisher, store } = gateway.platform;
    const tenantStore = scopedStore(store, "default");
    for (const hash of [own, common]) {
      for (const suffix of ["", ".index"]) await tenantStore.put(`parts/clip/${hash}${suffix}`, new Uint8Array(3));
      await publisher.publish("clip.ready", { batchId, hash }, { id: hash });
    }
    const { seq } = await publisher.publish("clip.ready", { batchId: other, hash: common }, { id: "common" });
    expect(seq).toBeGreaterThan(0);
    expect(await refusal(client.deleteBatch({ batchId }))).toMatchObject({
      code: Code.FailedPrecondition,
      failures: [{ remedy: "Cancel it first, or wait for its end." }],
    });
    await client.cancelBatch({ batchId });
    const finished = async () => (await client.getBatch({ batchId })).batch?.finishedAt !== undefined;
    await expect.poll(finished, PATIENT).toBe(true);
    expect(await client.deleteBatch({ batchId })).toMatchObject({ removedParts: 1n });
    expect(await tenantStore.head(`parts/clip/${own}.index`)).toBeUndefined();
    expect(await tenantStore.head(`parts/clip/${common}`)).toBeDefined();
    // Until an uploader has removed the rest.
    const deleting = { batch: { state: BatchState.DELETING } };
    expect(await client.getBatch({ batchId })).toMatchObject(deleting);
    expect((await client.listBatches({ states: [BatchState.DELETING] })).batches).toMatchObject([{ batchId }]);
    expect((await client.getStats({})).batches).toMatchObject({ deleting: 1n });
    expect(await client.deleteBatch({ batchId })).toMatchObject({ removedParts: 0n });
    expect(await client.cancelBatch({ batchId })).toMatchObject(deleting);
    expect(await refusal(client.retryBatch({ batchId }))).toMatchObject({
      code: Code.FailedPrecondition,
      failures: [{ reason: "The batch is being deleted." }],
    });
    expect(await refusal(client.submitBatch({ batch: sampleBatch({ continues: batchId }) }))).toMatchObject({
      code: Code.FailedPrecondition,
      failures: [{ field: "continues" }],
    });
    await publisher.publish("batch.deleted", { batchId }, { id: "1" });
    await expect
      .poll(async () => (await client.getBatch({ batchId }).catch(ConnectError.from)) as unknown, PATIENT)
      .toMatchObject({ code: Code.NotFound });
    expect((await refusal(client.deleteBatch({ batchId }))).code).toBe(Code.NotFound);
    const { manager } = gateway.platform.stream;
    const factsOf = async (id: string) =>
      (await manager.streams.info(STREAM, { subjects_filter: batchSubjects(id) })).state.subjects ?? {};
    await expect.poll(() => factsOf(batchId), PATIENT).toEqual({ [`polyreel.batch.deleted.${batchId}`]: 1 });
    expect(Object.keys(await factsOf(other))).toContain(`polyreel.clip.ready.${other}`);
  });

  it("shows what a deletion waits for, until it is tried again", async () => {
    const batchId = await submit();
    await client.cancelBatch({ batchId });
    await expect
      .poll(async () => (await client.getBatch({ batchId })).batch?.finishedAt !== undefined, PATIENT)
      .toBe(true);
    await client.deleteBatch({ batchId });
    const next = {
      tried: 3,
      nextAt: timestampFromDate(new Date(Date.now() + 60_000)),
      reason: "The disk is not mounted.",
    };
    gateway.platform.publisher.progress({ batchId, stage: Stage.DELETION, tryingAgain: next });
    const waiting = async () => (await client.getBatch({ batchId })).batch?.waiting;
    await expect
      .poll(waiting, PATIENT)
      .toMatchObject({ count: 1n, stage: Stage.DELETION, next: { tried: 3, reason: "The disk is not mounted." } });
    const { batches } = await client.listBatches({ states: [BatchState.DELETING] });
    expect(batches.find((batch) => batch.batchId === batchId)?.waiting?.next?.reason).toBe("The disk is not mounted.");
    gateway.platform.publisher.progress({ batchId, stage: Stage.DELETION, fraction: 0.5 });
    await expect.poll(waiting, PATIENT).toBeUndefined();
  });
});

describe("a request whose batch was deleted", () => {
  it("is refused until nothing is left of that, and then accepted at once, as a batch that knows nothing of it", async () => {
    const { stream, publisher } = gateway.platform;
    const requestId = randomUUID();
    const batchId = await submit(requestId);
    const first = (await lastFact(stream, "batch.submitted", batchId))?.sequence ?? 0;
    await client.cancelBatch({ batchId });
    const finished = async () => (await client.getBatch({ batchId })).batch?.finishedAt !== undefined;
    await expect.poll(finished, PATIENT).toBe(true);
    await client.deleteBatch({ batchId });
    expect(await refusal(submit(requestId))).toMatchObject({
      code: Code.Unavailable,
      failures: [{ field: "request_id", reason: expect.stringContaining("is being deleted") }],
    });
    const { seq } = await publisher.publish("batch.deleted", { batchId, time: timestampNow() }, { id: "now" });
    await expect.poll(() => submit(requestId).catch(() => undefined), PATIENT).toBe(batchId);
    await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq }); // as another gateway does, late
    expect(await submit(requestId)).toBe(batchId);

    // What a process says that was stopped all the while changes nothing.
    const stale = { generation: first };
    const combination = { id: "c0", ordinal: 0n };
    await publisher.publish("combination.planned", { batchId, combination }, { id: "c0", ...stale });
    await publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan", ...stale });
    await publisher.publish(
      "combination.failed",
      { batchId, combinationId: "c0", ordinal: 0n },
      { id: "c0", ...stale },
    );
    await publisher.publish("batch.deleting", { batchId }, { id: "1", ...stale });
    await publisher.publish("batch.deleted", { batchId }, { id: "1", ...stale });
    await planned(batchId, 2);
    for (const ordinal of [0, 1]) await deliver(batchId, ordinal);
    const cases: (string | undefined)[] = [];
    for await (const { update } of client.watchBatch({ batchId })) cases.push(update.case);
    expect(cases).toEqual([
      "batchSubmitted",
      "batchPlanned",
      "combinationDelivered",
      "combinationDelivered",
      "batchFinished",
    ]);
    expect((await client.getBatch({ batchId })).batch).toMatchObject({
      state: BatchState.FINISHED,
      combinations: { total: 2n, delivered: 2n, failed: 0n },
    });
  });
});
