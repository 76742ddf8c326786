import { Code } from "@connectrpc/connect";
import { expect } from "vitest";
import {
  acme,
  batchOf,
  both,
  denied,
  films,
  foreign,
  globex,
  hidden,
  ids,
  NEVER,
  ofForeign,
  operator,
  own,
  refusal,
} from "./two-tenants.js";

export const batchesCases: Record<string, () => Promise<void>> = {
  "polyreel.v1.BatchService/SubmitBatch": async () => {
    expect(own.batchId).not.toBe(foreign.batchId); // Under one request id.
    await denied(() => acme.batches.submitBatch({ batch: batchOf(films.acme, { tenant: "globex" }) }));
    const continued = (continues: string) => () =>
      acme.batches.submitBatch({ batch: batchOf(films.acme, { continues }), requestId: "continued" });
    const never = await refusal(continued(NEVER));
    const { code, message } = await refusal(continued(foreign.batchId));
    expect({ code, message: message.replaceAll(foreign.batchId, NEVER) }).toEqual(never);
  },
  "polyreel.v1.BatchService/GetBatch": async () => {
    await hidden((batchId) => acme.batches.getBatch({ batchId }));
    expect((await operator.batches.getBatch({ batchId: foreign.batchId })).batch?.tenant).toBe("globex");
  },
  "polyreel.v1.BatchService/GetBatchSpecification": async () => {
    await hidden((batchId) => acme.batches.getBatchSpecification({ batchId }));
    const { batch } = await operator.batches.getBatchSpecification({ batchId: foreign.batchId });
    expect(batch?.blocks.length).toBeGreaterThan(0);
  },
  "polyreel.v1.BatchService/ListBatches": async () => {
    expect(ids(await acme.batches.listBatches({}))).toEqual([own.batchId]);
    expect(ids(await operator.batches.listBatches({}))).toEqual(both());
    expect(ids(await operator.batches.listBatches({ tenant: "globex" }))).toEqual([foreign.batchId]);
    await denied(() => acme.batches.listBatches({ tenant: "globex" }));
    const { nextPageToken: pageToken } = await operator.batches.listBatches({ pageSize: 1 });
    expect((await refusal(() => acme.batches.listBatches({ pageToken }))).code).toBe(Code.InvalidArgument);
  },
  "polyreel.v1.BatchService/GetStats": async () => {
    const counts = async (clients: typeof acme, tenant = "") => {
      const { batches, combinations, joining } = await clients.batches.getStats({ tenant });
      return [batches?.finished, combinations?.delivered, joining?.count];
    };
    expect(await counts(acme)).toEqual([1n, 2n, 2n]);
    expect(await counts(operator)).toEqual([2n, 4n, 4n]);
    expect(await counts(operator, "globex")).toEqual([1n, 2n, 2n]);
    await denied(() => acme.batches.getStats({ tenant: "globex" }));
  },
  "polyreel.v1.BatchService/ListCombinations": async () => {
    await hidden((batchId) => acme.batches.listCombinations({ batchId }));
    expect((await operator.batches.listCombinations({ batchId: foreign.batchId })).combinations).toHaveLength(2);
  },
  "polyreel.v1.BatchService/GetChoiceCounts": async () => {
    const counts = (clients: typeof acme) => (batchId: string) => clients.batches.getChoiceCounts({ batchId });
    await counts(globex)(foreign.batchId); // What its owner has read is cached.
    await hidden(counts(acme));
    expect((await counts(operator)(foreign.batchId)).choices[0]).toMatchObject({ total: 2n, delivered: 2n });
  },
  "polyreel.v1.BatchService/ListFailures": async () => {
    await hidden((batchId) => acme.batches.listFailures({ batchId }));
    expect((await operator.batches.listFailures({ batchId: foreign.batchId })).groups).toEqual([]);
  },
  "polyreel.v1.BatchService/GetCombination": async () => {
    const get = (clients: typeof acme) => (batchId: string) =>
      clients.batches.getCombination({ batchId, ...ofForeign() });
    expect((await get(globex)(foreign.batchId)).combination?.outputs).toMatchObject([{ percent: 100 }]);
    await hidden(get(acme));
    expect((await get(operator)(foreign.batchId)).combination?.status?.id).toBe(ofForeign().combinationId);
  },
  "polyreel.v1.BatchService/WatchBatch": async () => {
    await hidden((batchId) => acme.batches.watchBatch({ batchId }));
    let seen = 0;
    for await (const _ of operator.batches.watchBatch({ batchId: foreign.batchId })) seen++;
    expect(seen).toBeGreaterThan(4);
  },
  "polyreel.v1.BatchService/ReadFacts": async () => {
    await hidden((batchId) => acme.batches.readFacts({ batchId }));
    let seen = 0;
    for await (const _ of operator.batches.readFacts({ batchId: foreign.batchId })) seen++;
    expect(seen).toBeGreaterThan(4);
  },
  "polyreel.v1.BatchService/WatchBatches": async () => {
    const first = async (clients: typeof acme) => {
      for await (const one of clients.batches.watchBatches({ batchIds: [foreign.batchId] })) return one;
      throw new Error("The stream ended.");
    };
    expect(await first(acme)).toMatchObject({ batches: [], gone: [foreign.batchId] });
    expect((await first(operator)).batches).toMatchObject([{ batchId: foreign.batchId }]);
  },
  "polyreel.v1.BatchService/ReadOutput": async () => {
    const read = (clients: typeof acme) => (batchId: string) => clients.batches.readOutput({ batchId, ...ofForeign() });
    for await (const _ of read(globex)(foreign.batchId)); // What its owner has read is cached for its owner only.
    await hidden(read(acme));
    for await (const _ of read(operator)(foreign.batchId));
  },
  "polyreel.v1.BatchService/EstimateBatch": async () => {
    const { clips: whole } = await globex.batches.estimateBatch({ batch: batchOf(films.globex) });
    expect(whole?.there).toBe(2n);
    const { clips, unknown } = await acme.batches.estimateBatch({ batch: batchOf(films.globex) });
    expect(clips?.there).toBe(0n);
    expect(unknown).toMatchObject([{ choice: "film" }]);
    await denied(() => acme.batches.estimateBatch({ batch: batchOf(films.globex, { tenant: "globex" }) }));
    const base = batchOf(films.globex, { tenant: "globex" });
    await denied(() => acme.batches.estimateBatch({ batch: batchOf(films.acme), base }));
  },
  "polyreel.v1.BatchService/CancelBatch": async () => hidden((batchId) => acme.batches.cancelBatch({ batchId })),
  "polyreel.v1.BatchService/RetryBatch": async () => hidden((batchId) => acme.batches.retryBatch({ batchId })),
  "polyreel.v1.BatchService/ListMissingSources": async () =>
    hidden((batchId) => acme.batches.listMissingSources({ batchId })),
  "polyreel.v1.BatchService/ReplayBatch": async () => hidden((batchId) => acme.batches.replayBatch({ batchId })),
  "polyreel.v1.BatchService/DeliverCombinations": async () =>
    hidden((batchId) => acme.batches.deliverCombinations({ batchId })),
  "polyreel.v1.BatchService/ApproveCombinations": async () =>
    hidden((batchId) => acme.batches.approveCombinations({ batchId })),
  "polyreel.v1.BatchService/RejectCombinations": async () =>
    hidden((batchId) => acme.batches.rejectCombinations({ batchId })),
  "polyreel.v1.BatchService/DeleteBatch": async () => hidden((batchId) => acme.batches.deleteBatch({ batchId })),
};
