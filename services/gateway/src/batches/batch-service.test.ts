import { createHash, randomUUID } from "node:crypto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate, timestampNow } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  BatchSchema,
  BatchService,
  BatchState,
  batchSubjects,
  FailureCode,
  FailureSchema,
  factSubject,
  STREAM,
  Stage,
  type WatchBatchResponse,
} from "@polyreel/contract";
import { planKey, scopedStore } from "@polyreel/platform/blobs";
import { lastFact } from "@polyreel/platform/stream";
import { normalizeBatch } from "@polyreel/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "../service.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";
import { batchIdOf } from "./batch-id.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

let gateway: RunningGateway;
let client: Client<typeof BatchService>;
const clientOf = (url: string) => createClient(BatchService, createGrpcTransport({ baseUrl: url }));

beforeAll(async () => {
  gateway = await runGateway({ maxCombinations: 100 });
  client = clientOf(gateway.url);
});
afterAll(() => gateway.close());

const submit = async (requestId: string = randomUUID(), name = "sample") =>
  (await client.submitBatch({ batch: sampleBatch({ name }), requestId })).batch?.batchId ?? "";

const deliver = (batchId: string, ordinal: number) =>
  gateway.platform.publisher.publish(
    "combination.delivered",
    { batchId, combinationId: `c${ordinal}`, ordinal: BigInt(ordinal), path: `${ordinal}.mp4`, attempt: 1 },
    { id: `c${ordinal}` },
  );
const planned = (batchId: string, combinations: number) =>
  gateway.platform.publisher.publish("batch.planned", { batchId, combinations: BigInt(combinations) }, { id: "plan" });

async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => expect.fail("the call was not refused"),
    (thrown: unknown) => ConnectError.from(thrown),
  );
  return { code: error.code, message: error.rawMessage, failures: error.findDetails(FailureSchema) };
}

async function consumers(): Promise<number> {
  const { state, ...info } = await gateway.platform.stream.manager.streams.info(STREAM);
  return state.consumer_count ?? (info as { consumer_count?: number }).consumer_count ?? 0;
}

describe("SubmitBatch", () => {
  it("stores the normalised batch and publishes it once", async () => {
    const batchId = await submit();
    const { store, stream } = gateway.platform;
    const fact = await lastFact(stream, "batch.submitted", batchId);
    const bytes = await scopedStore(store, "default").read(planKey(batchId, fact?.fact.specSha256 ?? ""));
    expect(fromBinary(BatchSchema, bytes)).toEqual(normalizeBatch(sampleBatch()));
    expect(fact?.fact).toMatchObject({ batchId, tenant: "default", name: "sample", combinations: 4n });
    expect(fact?.fact.specSha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(fact?.traceparent).toMatch(/^00-[0-9a-f]{32}-/);
  });

  it("returns the original response for a repeated request id, even for fifty concurrent calls on two gateways", async () => {
    const other = await startGateway(gateway.config);
    const clients = [client, clientOf(`http://127.0.0.1:${other.port}`)];
    const requestId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => clients[i % 2]?.submitBatch({ batch: sampleBatch(), requestId })),
    );
    const [batchId, ...more] = new Set(answers.map((answer) => answer?.batch?.batchId));
    expect(more).toEqual([]);
    const subject = factSubject("batch.submitted", batchId ?? "");
    const { state } = await gateway.platform.stream.manager.streams.info(STREAM, { subjects_filter: subject });
    expect(state.subjects).toEqual({ [subject]: 1 });
    await other.close();
  });

  it("refuses another batch under the same request id, even concurrently", async () => {
    const requestId = randomUUID();
    const names = ["a", "b", "c", "d"];
    const outcomes = await Promise.allSettled(names.map((name) => submit(requestId, name)));
    const accepted = outcomes.filter((outcome) => outcome.status === "fulfilled");
    expect(accepted).toHaveLength(1);
    const batchId = accepted[0]?.value ?? "";
    const { store, stream } = gateway.platform;
    const fact = await lastFact(stream, "batch.submitted", batchId);
    const bytes = await scopedStore(store, "default").read(planKey(batchId, fact?.fact.specSha256 ?? ""));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(fact?.fact.specSha256);
    expect(await refusal(submit(requestId, "later"))).toMatchObject({
      code: Code.AlreadyExists,
      failures: [{ field: "request_id", remedy: "Use a new request id for a changed batch." }],
    });
  });

  it("creates a new batch per call without a request id", async () => {
    expect(await submit("")).not.toBe(await submit(""));
  });

  it("names field, block and choice of every mistake", async () => {
    const batch = sampleBatch({ naming: "{hok}", canvas: { width: 721 } });
    const [hook, headline] = batch.blocks;
    if (headline?.kind.case === "text") headline.kind.value.over = ["hok"];
    if (hook?.kind.case === "video") for (const choice of hook.kind.value.choices) choice.label = "same";
    const { code, message, failures } = await refusal(client.submitBatch({ batch }));
    expect(code).toBe(Code.InvalidArgument);
    expect(failures.map(({ field, block, choice }) => [field, block, choice])).toEqual([
      ["canvas.width", "", ""],
      ["blocks[0].video.choices[1].label", "hook", "same"],
      ["blocks[1].text.over[0]", "headline", ""],
      ["naming", "", ""],
    ]);
    expect(message).toBe("canvas.width: width must be an even number from 16 to 4096. (And 3 more.)");
    expect(failures[2]?.remedy).toBe('Did you mean "hook"? The video block is "hook".');
  });

  it("refuses more combinations than its limit", async () => {
    const labels = Array.from({ length: 51 }, (_, i) => String(i));
    const choices = labels.map((text) => ({ text }));
    const blocks = [...sampleBatch().blocks, { name: "t", kind: { case: "text" as const, value: { choices } } }];
    expect(await refusal(client.submitBatch({ batch: { blocks } }))).toMatchObject({
      code: Code.InvalidArgument,
      failures: [{ reason: "The blocks make 204 combinations; the limit is 100." }],
    });
  });
});

describe("CancelBatch", () => {
  it("is final and idempotent", async () => {
    const batchId = await submit();
    const cancelled = await client.cancelBatch({ batchId });
    expect(cancelled.batch?.state).toBe(BatchState.CANCELLED);
    expect((await client.cancelBatch({ batchId })).batch?.state).toBe(BatchState.CANCELLED);
    const cases: (string | undefined)[] = [];
    for await (const { update } of client.watchBatch({ batchId })) cases.push(update.case);
    expect(cases).toEqual(["batchSubmitted", "batchCancelled", "batchFinished"]);
  });

  it("does not change a finished batch", async () => {
    const batchId = await submit();
    await planned(batchId, 0);
    await expect.poll(async () => (await client.getBatch({ batchId })).batch?.state, PATIENT).toBe(BatchState.FINISHED);
    expect((await client.cancelBatch({ batchId })).batch?.state).toBe(BatchState.FINISHED);
  });

  it.each(["getBatch", "cancelBatch", "listCombinations"] as const)("%s reports an unknown batch", async (call) => {
    expect(await refusal(client[call]({ batchId: "bnope" }))).toMatchObject({
      code: Code.NotFound,
      failures: [{ reason: 'There is no batch "bnope".' }],
    });
  });
});

describe("DeleteBatch", () => {
  it("refuses a live batch; removes the parts used only by one that has ended", async () => {
    const own = "1".repeat(64);
    const common = "2".repeat(64);
    const batchId = await submit();
    const other = await submit();
    const { publisher, store } = gateway.platform;
    const tenantStore = scopedStore(store, "default");
    for (const hash of [own, common]) {
      for (const suffix of ["", ".index"]) await tenantStore.write(`parts/clip/${hash}${suffix}`, new Uint8Array(3));
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
    expect(await tenantStore.stat(`parts/clip/${own}.index`)).toBeUndefined();
    expect(await tenantStore.stat(`parts/clip/${common}`)).toBeDefined();
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
      code: Code.InvalidArgument,
      failures: [{ field: "continues" }],
    });
    await publisher.publish("batch.deleted", { batchId }, { id: "1" });
    await expect
      .poll(async () => (await client.getBatch({ batchId }).catch(ConnectError.from)) as unknown, PATIENT)
      .toMatchObject({ code: Code.NotFound });
    expect((await refusal(client.deleteBatch({ batchId }))).code).toBe(Code.NotFound);
  });

  it("shows what a deletion waits for until it is retried", async () => {
    const batchId = await submit();
    await client.cancelBatch({ batchId });
    await expect
      .poll(async () => (await client.getBatch({ batchId })).batch?.finishedAt !== undefined, PATIENT)
      .toBe(true);
    await client.deleteBatch({ batchId });
    const next = { tried: 3, nextAt: timestampFromDate(new Date(Date.now() + 60_000)), reason: "The disk is away." };
    gateway.platform.publisher.progress({ batchId, stage: Stage.DELETION, tryingAgain: next });
    const waiting = async () => (await client.getBatch({ batchId })).batch?.waiting;
    await expect
      .poll(waiting, PATIENT)
      .toMatchObject({ count: 1n, stage: Stage.DELETION, next: { tried: 3, reason: "The disk is away." } });
    const { batches } = await client.listBatches({ states: [BatchState.DELETING] });
    expect(batches.find((batch) => batch.batchId === batchId)?.waiting?.next?.reason).toBe("The disk is away.");
    gateway.platform.publisher.progress({ batchId, stage: Stage.DELETION, fraction: 0.5 });
    await expect.poll(waiting, PATIENT).toBeUndefined();
  });
});

describe("a request id whose batch was deleted", () => {
  it("is refused until nothing of it remains, and then accepted at once as an unrelated batch", async () => {
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
    await stream.manager.streams.purge(STREAM, { filter: batchSubjects(batchId), seq }); // As an uploader does, with delay.
    expect(await submit(requestId)).toBe(batchId);

    // Late facts of a paused process have no effect.
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

describe("outputs", () => {
  it("are refused in both spellings at once, with a readable message", async () => {
    const mixed = [{ name: "video", poster: { seconds: 1n } }, { name: "Not this" }];
    const { code, failures } = await refusal(client.submitBatch({ batch: sampleBatch({ outputs: mixed }) }));
    expect(code).toBe(Code.InvalidArgument);
    expect(failures).toMatchObject([
      {
        field: "outputs[0]",
        reason: expect.stringMatching(/^The output has fields of both spellings: name, to, as or/),
      },
      { field: "outputs[1].name", reason: "That can't be an output's name." },
    ]);
  });

  it("in the new spelling match a batch that an earlier release accepted in the former one", async () => {
    const requestId = randomUUID();
    const outputs = [{ container: 1, poster: { seconds: 1n } }];
    const given = sampleBatch({ outputs });
    const bytes = toBinary(BatchSchema, { ...normalizeBatch(given), outputs: given.outputs });
    const specSha256 = createHash("sha256").update(bytes).digest("hex");
    const batchId = batchIdOf("default", requestId);
    const store = scopedStore(gateway.platform.store, "default");
    await store.write(planKey(batchId, specSha256), bytes);
    const fact = { batchId, tenant: "default", requestId, specSha256, time: timestampNow() };
    await gateway.platform.publisher.publish("batch.submitted", fact, { id: "0" });
    expect((await client.submitBatch({ batch: given, requestId })).batch?.batchId).toBe(batchId);
    const other = sampleBatch({ outputs: [{ container: 1 }] });
    expect((await refusal(client.submitBatch({ batch: other, requestId }))).code).toBe(Code.AlreadyExists);
  });
});

describe("WatchBatch", () => {
  it("resumes after the last received fact, and ends at once if that was the end", async () => {
    const batchId = await submit();
    await planned(batchId, 3);
    for (const ordinal of [0, 1, 2]) await deliver(batchId, ordinal);
    const watch = async (afterSequence: bigint) => {
      const seen: WatchBatchResponse[] = [];
      for await (const update of client.watchBatch({ batchId, afterSequence })) seen.push(update);
      return seen;
    };
    const all = await watch(0n);
    expect(all.map(({ update }) => update.case)).toEqual([
      "batchSubmitted",
      "batchPlanned",
      "combinationDelivered",
      "combinationDelivered",
      "combinationDelivered",
      "batchFinished",
    ]);
    expect(all.at(-1)?.update.value).toMatchObject({ delivered: 3n, failed: 0n });
    expect(await watch(all[2]?.sequence ?? 0n)).toEqual(all.slice(3));
    expect(await watch(all.at(-1)?.sequence ?? 0n)).toEqual([]);
  });

  it("carries the code of every failure", async () => {
    const batchId = await submit();
    const { publisher } = gateway.platform;
    const failure = { block: "hook", choice: "friday", reason: "It is broken.", code: FailureCode.SOURCE_INVALID };
    await publisher.publish("clip.failed", { batchId, attempt: 1, hash: "k1", failure }, { id: "k1" });
    await publisher.publish("combination.failed", { batchId, attempt: 1, combinationId: "c0", failure }, { id: "c0" });
    await planned(batchId, 1);
    const failures: unknown[] = [];
    for await (const { update } of client.watchBatch({ batchId })) {
      if (update.case === "part" && update.value.event.case === "failed")
        failures.push(update.value.event.value.failure);
      if (update.case === "combinationFailed") failures.push(update.value.failure);
    }
    expect(failures).toMatchObject([failure, failure]);
  });

  it("sends nothing after the end, even if more progress arrives", async () => {
    const batchId = await submit();
    const progress = setInterval(() => {
      for (const id of ["a", "b"])
        gateway.platform.publisher.progress({ batchId, stage: Stage.CLIP, id, fraction: 0.5 });
    }, 1);
    try {
      const cases: (string | undefined)[] = [];
      for await (const { update } of client.watchBatch({ batchId })) {
        if (cases.length === 0) await planned(batchId, 0);
        cases.push(update.case);
      }
      expect(cases).toContain("progress");
      expect(cases.at(-1)).toBe("batchFinished");
    } finally {
      clearInterval(progress);
    }
  });

  it("refuses a position that the stream has not reached, and accepts its last one", async () => {
    const batchId = await submit();
    const { state } = await gateway.platform.stream.manager.streams.info(STREAM);
    const watch = (afterSequence: number) =>
      client
        .watchBatch({ batchId, afterSequence: BigInt(afterSequence) })
        [Symbol.asyncIterator]()
        .next();
    expect(await refusal(watch(state.last_seq + 1))).toMatchObject({
      code: Code.OutOfRange,
      failures: [{ field: "after_sequence", reason: expect.stringContaining(String(state.last_seq)) }],
    });
    const next = watch(state.last_seq);
    await planned(batchId, 1);
    expect(await next).toMatchObject({ value: { update: { case: "batchPlanned" } } });
    await deliver(batchId, 0);
  });

  it("interleaves progress, outside the sequence", async () => {
    const batchId = await submit();
    const controller = new AbortController();
    const telling = setInterval(() => gateway.platform.publisher.progress({ batchId, id: "part", fraction: 0.25 }), 50);
    try {
      for await (const { sequence, update } of client.watchBatch({ batchId }, { signal: controller.signal })) {
        if (update.case !== "progress") continue;
        expect({ sequence, ...update.value }).toMatchObject({ sequence: 0n, id: "part", fraction: 0.25 });
        break;
      }
    } finally {
      clearInterval(telling);
    }
  });

  it("is NOT_FOUND for an unknown batch", async () => {
    const first = client.watchBatch({ batchId: "bnope" })[Symbol.asyncIterator]().next();
    expect((await refusal(first)).code).toBe(Code.NotFound);
  });

  it("does not read far ahead of a slow client, and leaves nothing behind when it disconnects", async () => {
    const batchId = await submit();
    const before = await consumers();
    const text = "x".repeat(2000);
    const sent = Array.from({ length: 4000 }, (_, i) =>
      gateway.platform.publisher.publish(
        "clip.failed",
        { batchId, hash: `h${i}`, failure: { reason: text } },
        { id: `h${i}` },
      ),
    );
    await Promise.all(sent);

    const controller = new AbortController();
    const watching = client.watchBatch({ batchId }, { signal: controller.signal })[Symbol.asyncIterator]();
    await watching.next(); // Then reads no more.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { manager } = gateway.platform.stream;
    const all = await manager.consumers.list(STREAM).next();
    const mine = all.find((info) => info.config.filter_subject?.endsWith(batchId));
    expect(mine?.delivered.consumer_seq).toBeGreaterThan(0);
    expect(mine?.delivered.consumer_seq).toBeLessThan(sent.length); // What buffers hold, not everything.

    controller.abort();
    await watching.next().catch(() => {});
    await expect.poll(consumers, PATIENT).toBe(before);
  });
});
