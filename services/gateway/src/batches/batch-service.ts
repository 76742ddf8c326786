import type { ServiceImpl } from "@connectrpc/connect";
import type { BatchService } from "@polyreel/contract";
import { cleanUpCall } from "../retention/clean-up-call.js";
import { resumeBatch } from "../rework/resume-batch.js";
import { deliveryOf, replayOf, retryOf } from "../rework/rework-calls.js";
import { cancelBatch } from "./cancel-batch.js";
import { deleteBatch } from "./delete-batch.js";
import type { BatchDeps } from "./deps.js";
import { estimateBatch } from "./estimate-batch.js";
import { getBatch } from "./get-batch.js";
import { getStats } from "./get-stats.js";
import { listBatches } from "./list-batches.js";
import { listCombinations } from "./list-combinations.js";
import { readOutput } from "./read-output.js";
import { rebuildReadModel } from "./rebuild-read-model.js";
import { type BatchLimits, submitBatch } from "./submit-batch.js";
import { watchBatch } from "./watch-batch.js";

/** polyreel.v1.BatchService over the event stream and the read model. */
export function batchService(deps: BatchDeps, limits: BatchLimits): ServiceImpl<typeof BatchService> {
  const submit = submitBatch(deps, limits);
  const watch = watchBatch(deps);
  const cancel = cancelBatch(deps);
  const read = readOutput(deps.outputs);
  const estimate = estimateBatch(deps);
  const resume = resumeBatch(deps);
  return {
    submitBatch: async (request, { signal }) => ({ batch: await submit(request, signal) }),
    getBatch: async ({ batchId }) => ({ batch: await getBatch(deps, batchId) }),
    listBatches: async (request) => {
      const { batches, nextPageToken } = await listBatches(deps.model, request);
      return { batches: batches.map((batch) => deps.waiting.shown(batch)), nextPageToken };
    },
    getStats: (request) => getStats(deps.model, request),
    listCombinations: (request) => listCombinations(deps.model, request),
    watchBatch: (request, { signal }) => watch(request, signal),
    readOutput: (request, { signal }) => read(request, signal),
    estimateBatch: (request, { signal }) => estimate(request, signal),
    cancelBatch: async (request) => ({ batch: await cancel(request) }),
    retryBatch: async (request, { signal }) => ({ resumption: await resume(retryOf(request), signal) }),
    replayBatch: async (request, { signal }) => ({
      resumption: await resume(await replayOf(request, deps.stream), signal),
    }),
    deleteBatch: async ({ batchId }) => {
      const { count, bytes } = await deleteBatch(deps, batchId);
      return { removedParts: BigInt(count), removedPartBytes: BigInt(bytes) };
    },
    cleanUp: (request, { signal }) => cleanUpCall(deps, request, signal),
    rebuildReadModel: (_, { signal }) => rebuildReadModel(deps, signal),
    deliverCombinations: async (request, { signal }) => ({ resumption: await resume(deliveryOf(request), signal) }),
  };
}
