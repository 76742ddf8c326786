import { timestampNow } from "@bufbuild/protobuf/wkt";
import type { BatchStatus, CancelBatchRequest } from "@polyreel/contract";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import { batchStatus } from "../read-model/status.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/** Says that a batch is cancelled, once; of one that has ended already, nothing is said. */
export function cancelBatch(deps: BatchDeps): (request: CancelBatchRequest) => Promise<BatchStatus> {
  return async ({ batchId }) => {
    const batch = await knownBatch(deps.model, batchId);
    if (batch.cancelled || batch.finishedSequence !== undefined) return batchStatus(batch);
    deps.broker.assertThere();
    const ack = await deps.publisher.publishOnce("batch.cancelled", { batchId, time: timestampNow() });
    const sequence = ack?.seq ?? (await lastFact(deps.stream, "batch.cancelled", batchId))?.sequence;
    return batchStatus(await knownBatch(deps.model, batchId, sequence));
  };
}
