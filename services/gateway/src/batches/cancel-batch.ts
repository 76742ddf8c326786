import { timestampNow } from "@bufbuild/protobuf/wkt";
import { BatchState, type BatchStatus, type CancelBatchRequest } from "@polyreel/contract";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/** Says that a batch is cancelled, once; of one that has ended already, nothing is said. */
export function cancelBatch(deps: BatchDeps): (request: CancelBatchRequest) => Promise<BatchStatus> {
  return async ({ batchId }) => {
    const { status, finishedSequence } = await knownBatch(deps.model, batchId);
    if (status.state === BatchState.CANCELLED || finishedSequence !== undefined) return status;
    deps.broker.assertThere();
    const ack = await deps.publisher.publishOnce("batch.cancelled", { batchId, time: timestampNow() });
    const sequence = ack?.seq ?? (await lastFact(deps.stream, "batch.cancelled", batchId))?.sequence;
    return (await knownBatch(deps.model, batchId, sequence)).status;
  };
}
