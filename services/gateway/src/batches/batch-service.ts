import type { BatchService } from "@polyreel/contract";
import type { CallHandlers } from "../call/with-calls.js";
import { linkDetails } from "../links/link-combinations.js";
import { approvalOf, rejectionOf } from "../rework/approval-calls.js";
import { resumeBatch } from "../rework/resume-batch.js";
import { deliveryOf, replayOf, retryOf } from "../rework/rework-calls.js";
import { cancelBatch } from "./cancel-batch.js";
import { deleteBatch } from "./delete-batch.js";
import type { BatchDeps } from "./deps.js";
import { estimateBatch } from "./estimate-batch.js";
import { getBatch } from "./get-batch.js";
import { getBatchSpecification } from "./get-batch-specification.js";
import { getChoiceCounts } from "./get-choice-counts.js";
import { getCombination } from "./get-combination.js";
import { getStats } from "./get-stats.js";
import { listBatches } from "./list-batches.js";
import { listCombinations } from "./list-combinations.js";
import { listFailures } from "./list-failures.js";
import { listMissingSources } from "./list-missing-sources.js";
import { readFacts } from "./read-facts.js";
import { readOutput } from "./read-output.js";
import { type BatchLimits, submitBatch } from "./submit-batch.js";
import { watchBatch } from "./watch-batch.js";
import { watchBatches } from "./watch-batches.js";

/** polyreel.v1.BatchService over the event stream and the read model. */
export function batchService(deps: BatchDeps, limits: BatchLimits): CallHandlers<typeof BatchService> {
  const { model, waiting } = deps;
  const submit = submitBatch(deps, limits);
  const cancel = cancelBatch(deps);
  const resume = resumeBatch(deps);
  return {
    submitBatch: async (request, call) => ({ batch: await submit(request, call) }),
    getBatch: async ({ batchId }, call) => ({ batch: await getBatch(deps, batchId, call) }),
    getBatchSpecification: ({ batchId }, call) => getBatchSpecification(deps, batchId, call),
    listBatches: async (request, call) => {
      const { batches, nextPageToken } = await listBatches(model, request, call);
      return { batches: batches.map((batch) => waiting.shown(batch)), nextPageToken };
    },
    getStats: (request, call) => getStats(model, request, call),
    getChoiceCounts: getChoiceCounts(deps),
    listFailures: listFailures(deps),
    getCombination: async (request, call) => {
      const combination = await getCombination(deps, request, call);
      await linkDetails(deps, combination, request, call);
      return { combination };
    },
    listCombinations: (request, call) => listCombinations(deps, request, call),
    watchBatch: watchBatch(deps),
    watchBatches: watchBatches(deps),
    readFacts: readFacts(deps),
    readOutput: readOutput(deps.outputs),
    estimateBatch: estimateBatch(deps),
    cancelBatch: async (request, call) => ({ batch: await cancel(request, call) }),
    retryBatch: async (request, call) => ({ resumption: await resume(retryOf(request), call) }),
    listMissingSources: (request, call) => listMissingSources(deps, request, call),
    replayBatch: async (request, call) => ({ resumption: await resume(await replayOf(request, deps.stream), call) }),
    deleteBatch: async ({ batchId }, call) => {
      const { count, bytes } = await deleteBatch(deps, batchId, call);
      return { removedParts: BigInt(count), removedPartBytes: BigInt(bytes) };
    },
    approveCombinations: async (request, call) => ({ resumption: await resume(approvalOf(request), call) }),
    rejectCombinations: async (request, call) => ({ resumption: await resume(rejectionOf(request), call) }),
    deliverCombinations: async (request, call) => ({ resumption: await resume(deliveryOf(request), call) }),
  };
}
