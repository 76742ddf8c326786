import { Code } from "@connectrpc/connect";
import { FailureCode, STREAM, Stage, type WatchBatchResponse } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BatchGateway, PATIENT, refusal, runBatchGateway } from "../testing/batch-gateway.js";

let gateway: BatchGateway["gateway"];
let client: BatchGateway["client"];
let submit: BatchGateway["submit"];
let planned: BatchGateway["planned"];
let deliver: BatchGateway["deliver"];
beforeAll(async () => {
  ({ gateway, client, submit, planned, deliver } = await runBatchGateway({ maxCombinations: 100 }));
});
afterAll(() => gateway.close());

async function consumers(): Promise<number> {
  const { state, ...info } = await gateway.platform.stream.manager.streams.info(STREAM);
  return state.consumer_count ?? (info as { consumer_count?: number }).consumer_count ?? 0;
}

describe("WatchBatch", () => {
  it("goes on after the fact that was seen last, and ends at once for those who saw the end", async () => {
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

  it("tells nothing after the end, whatever progress still comes", async () => {
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

  it("refuses a position that the stream has not reached, and takes its last one", async () => {
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

  it("tells progress in between, outside the sequence", async () => {
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

  it("reads no further ahead than a slow client, and leaves nothing behind when it goes", async () => {
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
    await watching.next(); // and then reads no more
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { manager } = gateway.platform.stream;
    const all = await manager.consumers.list(STREAM).next();
    const mine = all.find((info) => info.config.filter_subject?.endsWith(batchId));
    expect(mine?.delivered.consumer_seq).toBeGreaterThan(0);
    expect(mine?.delivered.consumer_seq).toBeLessThan(sent.length); // what buffers hold, not all of it

    controller.abort();
    await watching.next().catch(() => {});
    await expect.poll(consumers, PATIENT).toBe(before);
  });
});
