import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AdminService, BatchService, BatchState, STREAM, type WatchBatchResponse } from "@polyreel/contract";
import { LiveBatches } from "@polyreel/pipeline";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway } from "../service.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

const TRIALS = 60;
const SEED = 4242;
/** Maximum interval between the last delivery and the cancellation. */
const APART_MS = 12;
/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

const releasers = new Releasers();
const clientOf = (url: string) => createClient(BatchService, createGrpcTransport({ baseUrl: url }));
let gateway: RunningGateway;
let clients: ReturnType<typeof clientOf>[];
beforeAll(async () => {
  gateway = releasers.use(await runGateway());
  const other = releasers.use(await startGateway(gateway.config));
  clients = [clientOf(gateway.url), clientOf(`http://127.0.0.1:${other.port}`)];
});
afterAll(() => releasers.close());

const client = (i: number) => clients[i % clients.length] as ReturnType<typeof clientOf>;

/** A deterministic sequence of numbers from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Submits a batch of one combination, planned, and waits until every gateway knows it. */
async function submitted(i: number): Promise<string> {
  const { batch } = await client(i).submitBatch({ batch: sampleBatch() });
  const batchId = batch?.batchId ?? "";
  await gateway.platform.publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
  const states = () => Promise.all(clients.map(async (one) => (await one.getBatch({ batchId })).batch?.state));
  await expect.poll(states, { ...PATIENT, interval: 5 }).toEqual(clients.map(() => BatchState.RUNNING));
  return batchId;
}

async function watched(batchId: string, i: number): Promise<WatchBatchResponse[]> {
  const updates: WatchBatchResponse[] = [];
  for await (const one of client(i).watchBatch({ batchId }, { timeoutMs: 60_000 })) updates.push(one);
  return updates;
}

const casesOf = (updates: readonly WatchBatchResponse[]) => updates.map(({ update }) => update.case);

/** The state that all gateways report for a batch that has ended, which must be the same. */
async function stateOf(batchId: string): Promise<BatchState> {
  const answers = await Promise.all(
    clients.flatMap((one) => [
      one.getBatch({ batchId }).then(({ batch }) => batch),
      one.listBatches({ pageSize: 1000 }).then(({ batches }) => batches.find((batch) => batch.batchId === batchId)),
    ]),
  );
  const [first] = answers;
  for (const answer of answers) expect(answer).toEqual(first);
  return first?.state ?? BatchState.UNSPECIFIED;
}

async function endsSaid(batchId: string): Promise<number | undefined> {
  const subject = `polyreel.batch.finished.${batchId}`;
  const { state } = await gateway.platform.stream.manager.streams.info(STREAM, { subjects_filter: subject });
  return state.subjects?.[subject];
}

const deliver = (batchId: string) =>
  gateway.platform.publisher.publish(
    "combination.delivered",
    { batchId, combinationId: "c", path: "c.mp4", attempt: 1 },
    { id: "c" },
  );

it("ends once and consistently if it is cancelled during its last delivery", async () => {
  const { stream, batches: live } = gateway.platform;
  const random = randomFrom(SEED);
  const outcomes = new Map<string, BatchState>();
  for (let i = 0; i < TRIALS; i++) {
    const batchId = await submitted(i);
    const watching = [watched(batchId, 0), watched(batchId, 1)];
    const [before, after] = [random() * APART_MS, random() * APART_MS];
    const cancel = async (by: number) => (await client(by).cancelBatch({ batchId })).batch?.state;
    const cancelling = delay(before).then(() =>
      Promise.all(random() < 0.3 ? [cancel(i), cancel(i + 1)] : [cancel(i + 1)]),
    );
    await Promise.all([cancelling, delay(after).then(() => deliver(batchId))]);
    const updates = await Promise.all(watching);
    const state = await stateOf(batchId);
    outcomes.set(batchId, state);
    expect([BatchState.CANCELLED, BatchState.FINISHED]).toContain(state);
    // The response of the cancellation remains true.
    expect(new Set(await cancelling)).toEqual(new Set([state]));
    expect((await client(i).cancelBatch({ batchId })).batch?.state).toBe(state);
    expect(await endsSaid(batchId)).toBe(1);
    for (const cases of updates.map(casesOf)) {
      expect(cases.at(-1)).toBe("batchFinished");
      expect(cases.filter((one) => one === "batchFinished")).toHaveLength(1);
      expect(cases.filter((one) => one === "batchCancelled")).toHaveLength(state === BatchState.CANCELLED ? 1 : 0);
    }
  }
  const reached = [...outcomes.values()];
  expect(reached).toContain(BatchState.FINISHED);
  expect(reached).toContain(BatchState.CANCELLED);

  for await (const _ of createClient(AdminService, createGrpcTransport({ baseUrl: gateway.url })).rebuildReadModel({}));
  for (const [batchId, state] of outcomes) expect(await stateOf(batchId), batchId).toBe(state);
  await expect.poll(() => live.ids, PATIENT).toEqual([]);
  const later = releasers.use(await LiveBatches.follow(stream, gateway.platform.log));
  expect(later.ids).toEqual([]);
}, 120_000);

it("keeps its end if the cancellation came too late, and can be cancelled in its next run", async () => {
  const { publisher } = gateway.platform;
  const batchId = await submitted(0);
  await deliver(batchId);
  const end = (await watched(batchId, 0)).at(-1)?.sequence ?? 0n;
  // By a gateway that had not received the end yet.
  const { seq } = await publisher.publish("batch.cancelled", { batchId }, { id: "late" });
  await publisher.publish("batch.resumed", { batchId, run: 2, attempt: 2, combinations: 1n }, { id: "2" });
  await expect.poll(() => stateOf(batchId), PATIENT).toBe(BatchState.RUNNING);
  const watching = watched(batchId, 1);

  expect((await client(1).cancelBatch({ batchId })).batch?.state).toBe(BatchState.CANCELLED);
  const updates = await watching;
  expect(casesOf(updates.filter(({ sequence }) => sequence > end))).toEqual([
    "batchResumed",
    "batchCancelled",
    "batchFinished",
  ]);
  expect(updates.some(({ sequence }) => sequence === BigInt(seq))).toBe(false);
  expect(await stateOf(batchId)).toBe(BatchState.CANCELLED);
  expect(await endsSaid(batchId)).toBe(2);
});

it("is finished when the services have released it, including a delivery that had just completed", async () => {
  const { stream } = gateway.platform;
  const batchId = await submitted(0);
  const durable = `uploader-${batchId}`;
  const consumer = { durable_name: durable, ack_policy: "explicit" as const };
  await stream.manager.consumers.add(STREAM, {
    ...consumer,
    filter_subject: `polyreel.combination.rendered.${batchId}`,
  });
  const watching = watched(batchId, 0);

  expect((await client(1).cancelBatch({ batchId })).batch?.state).toBe(BatchState.CANCELLED);
  await delay(300); // A delivery that could not be stopped any more.
  await deliver(batchId);
  await stream.manager.consumers.delete(STREAM, durable);
  const updates = await watching;
  expect(casesOf(updates).slice(-3)).toEqual(["batchCancelled", "combinationDelivered", "batchFinished"]);
  expect(updates.at(-1)?.update.value).toMatchObject({ delivered: 1n });
  expect((await client(0).getBatch({ batchId })).batch?.combinations).toMatchObject({ delivered: 1n });
});
