import { randomUUID } from "node:crypto";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { BatchState, type BatchStatus, type CancelBatchRequest } from "@polyreel/contract";
import { lastFact } from "@polyreel/platform/stream";
import type { Call } from "../call/call.js";
import type { KnownBatch } from "../read-model/read-model.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/**
 * Publishes that a batch is cancelled; a batch that has ended already is not changed. If it ends at the same time, the
 * first of the two facts in the stream counts for everybody, and the response shows which one it was. If it was resumed
 * meanwhile, the cancellation is published again.
 */
export function cancelBatch(deps: BatchDeps): (request: CancelBatchRequest, call: Call) => Promise<BatchStatus> {
  return async ({ batchId }, { scope, signal }) => {
    let known = await knownBatch(deps.model, batchId, scope);
    while (!isOver(known)) {
      signal.throwIfAborted();
      deps.broker.assertThere();
      const before = await lastFact(deps.stream, "batch.cancelled", batchId);
      const last = before?.sequence ?? 0;
      known = await knownBatch(deps.model, batchId, scope, last); // Another gateway may have published it just now.
      if (isOver(known)) break;
      const fact = { batchId, time: timestampNow() };
      const published = await deps.publisher.publishAfter("batch.cancelled", fact, {
        last,
        id: randomUUID(),
        generation: known.generation,
      });
      known = await knownBatch(deps.model, batchId, scope, published?.seq);
    }
    return known.status;
  };
}

const isOver = ({ status, finishedSequence }: KnownBatch): boolean =>
  status.state === BatchState.CANCELLED || status.state === BatchState.DELETING || finishedSequence !== undefined;
