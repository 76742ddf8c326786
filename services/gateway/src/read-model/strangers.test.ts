import { create, toBinary } from "@bufbuild/protobuf";
import { BatchState, CombinationDeliveredSchema, STREAM } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BatchGateway, PATIENT, runBatchGateway } from "../testing/batch-gateway.js";

// What strangers publish below polyreel. stops nothing.

const MESSAGES = 10_000;
const HUGE_BYTES = 900_000;

let running: BatchGateway;
beforeAll(async () => {
  running = await runBatchGateway({ maxCombinations: 100 });
});
afterAll(() => running.gateway.close());

/** Pseudorandom bytes, the same in every run. */
function randomBytes(seed: number, length: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

it("reads on over 10,000 messages that are no facts, amid a batch", async () => {
  const { gateway, client } = running;
  const { connection, manager } = gateway.platform.stream;
  const batchId = await running.submit();
  const whole = toBinary(
    CombinationDeliveredSchema,
    create(CombinationDeliveredSchema, { batchId, combinationId: "c0", path: "0.mp4", certificate: { sizeBytes: 7n } }),
  );
  const subjects = [
    "combination.delivered",
    "batch.finished",
    "batch.cancelled",
    "clip.requested",
    "no.fact",
    "batch.paused",
  ];
  for (let i = 0; i < MESSAGES; i++) {
    const subject = `polyreel.${subjects[i % subjects.length]}.${i % 3 ? batchId : `stranger-${i}`}`;
    const kinds = [
      () => randomBytes(i, i % 300),
      () => whole.subarray(0, 1 + (i % batchId.length)), // Ends within the batch's id.
      () => new Uint8Array(),
      () => Buffer.from(JSON.stringify({ batchId })),
    ];
    connection.publish(subject, kinds[i % kinds.length]?.());
  }
  for (let i = 0; i < 10; i++) connection.publish(`polyreel.batch.finished.${batchId}`, randomBytes(i, HUGE_BYTES));
  await connection.flush();
  expect((await manager.streams.info(STREAM)).state.messages).toBeGreaterThan(MESSAGES);

  await running.planned(batchId, 1);
  await running.deliver(batchId, 0);
  const state = async () => (await client.getBatch({ batchId })).batch;
  await expect.poll(async () => (await state())?.state, PATIENT).toBe(BatchState.FINISHED);
  expect((await state())?.combinations).toMatchObject({ total: 1n, delivered: 1n });
  const types: string[] = [];
  for await (const { type } of client.readFacts({ batchId })) types.push(type);
  expect(types).toEqual(["batch.submitted", "batch.planned", "combination.delivered", "batch.finished"]);
});
