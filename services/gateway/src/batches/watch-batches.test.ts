import { Code } from "@connectrpc/connect";
import { BatchState, STREAM, type WatchBatchesResponse } from "@polyreel/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BatchGateway, refusal, runBatchGateway } from "../testing/batch-gateway.js";

let gateway: BatchGateway["gateway"];
let client: BatchGateway["client"];
let submit: BatchGateway["submit"];
let planned: BatchGateway["planned"];
let deliver: BatchGateway["deliver"];
beforeAll(async () => {
  ({ gateway, client, submit, planned, deliver } = await runBatchGateway({ maxCombinations: 100 }));
});
afterAll(() => gateway.close());

const interval = { seconds: 0n, nanos: 200_000_000 };

/** Reads until `until` is true of all messages so far. */
async function watched(
  request: { batchIds?: string[]; tenant?: string },
  began: () => unknown,
  until: (seen: readonly WatchBatchesResponse[]) => boolean,
): Promise<WatchBatchesResponse[]> {
  const seen: WatchBatchesResponse[] = [];
  const call = new AbortController();
  for await (const one of client.watchBatches({ ...request, interval }, { signal: call.signal, timeoutMs: 60_000 })) {
    if (seen.length === 0) began();
    seen.push(one);
    if (!until(seen)) continue;
    call.abort();
    return seen;
  }
  throw new Error("The stream ended by itself.");
}

const statesOf = (seen: readonly WatchBatchesResponse[], batchId: string): BatchState[] =>
  seen.flatMap(({ batches }) => batches.filter((batch) => batch.batchId === batchId).map(({ state }) => state));

it("reports batches that are submitted later, and their end", async () => {
  let batchId = "";
  const work = async () => {
    batchId = await submit();
    await planned(batchId, 1);
    await deliver(batchId, 0);
  };
  const seen = await watched({}, work, (all) => statesOf(all, batchId).at(-1) === BatchState.FINISHED);
  expect(seen[0]).toMatchObject({ batches: [], gone: [] });
  const last = seen.at(-1)?.batches.find((batch) => batch.batchId === batchId);
  expect(last?.combinations).toMatchObject({ total: 1n, delivered: 1n });
});

it("begins with the status of the given batches, and says which do not exist", async () => {
  const [mine, other] = [await submit(), await submit()];
  const work = async () => {
    await planned(other, 1);
    await planned(mine, 3);
  };
  const seen = await watched({ batchIds: [mine, "nothing"] }, work, (all) =>
    statesOf(all, mine).includes(BatchState.RUNNING),
  );
  expect(seen[0]).toMatchObject({ batches: [{ batchId: mine, state: BatchState.PLANNING }], gone: ["nothing"] });
  expect(seen.flatMap(({ batches }) => batches.map(({ batchId }) => batchId))).not.toContain(other);
});

it("costs neither a message for each change nor a consumer for each client", async () => {
  const batchId = await submit();
  await planned(batchId, 60);
  const consumers = async () => (await gateway.platform.stream.manager.streams.info(STREAM)).state.consumer_count;
  const before = await consumers();
  const watching = Array.from({ length: 20 }, () =>
    watched(
      { batchIds: [batchId] },
      () => {},
      (all) => statesOf(all, batchId).at(-1) === BatchState.FINISHED,
    ),
  );
  for (let ordinal = 0; ordinal < 60; ordinal++) await deliver(batchId, ordinal);
  expect(await consumers()).toBe(before);
  for (const seen of await Promise.all(watching)) expect(seen.length).toBeLessThan(60);
});

it("refuses an interval that is too short, and a tenant that is not the caller's to see", async () => {
  const first = async (request: Parameters<typeof client.watchBatches>[0]) => {
    for await (const one of client.watchBatches(request)) return one;
    return undefined;
  };
  const tooShort = await refusal(first({ interval: { nanos: 1 } }));
  expect([tooShort.code, tooShort.message]).toEqual([Code.InvalidArgument, expect.stringContaining("interval")]);
});
