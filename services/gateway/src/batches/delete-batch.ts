import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { type DeleteBatchRequest, type DeleteBatchResponse, DeleteBatchResponseSchema } from "@polyreel/contract";
import { indexKey, payloadKey } from "@polyreel/media/parts/part-kind.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { isLive } from "../read-model/status.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/**
 * Removes a batch that has ended. Its parts go before the fact says so: whoever dies in between, the batch is still there to
 * be deleted; a part that somebody begins to use meanwhile is missed and made again.
 */
export async function deleteBatch(
  { model, store, stream, broker, publisher }: BatchDeps,
  { batchId }: DeleteBatchRequest,
): Promise<DeleteBatchResponse> {
  broker.assertThere();
  const { status, finishedSequence } = await knownBatch(model, batchId);
  if (isLive(status.state)) throw stillLive(batchId);
  if (finishedSequence === undefined) throw stillEnding();

  const tenantStore = scopedStore(store, status.tenant);
  let removed = 0n;
  for await (const { kind, hash } of model.partsOnlyOf(batchId)) {
    await tenantStore.remove(indexKey(kind, hash)); // from then on it does not exist
    await tenantStore.remove(payloadKey(kind, hash));
    removed++;
  }
  const before = await lastFact(stream, "batch.deleted", batchId); // of an earlier batch of this id
  const fact = { batchId, time: timestampNow() };
  const last = before?.sequence ?? 0;
  const said = await publisher.publishAfter("batch.deleted", fact, { last, id: String(finishedSequence) });
  if (said) await model.reached(said.seq);
  return create(DeleteBatchResponseSchema, { removedParts: removed });
}

const stillLive = (batchId: string): PolyreelError =>
  new PolyreelError("precondition", {
    field: "batch_id",
    reason: `Batch ${batchId} is still at work.`,
    remedy: "Cancel it first, or wait for its end.",
  });

const stillEnding = (): PolyreelError =>
  new PolyreelError("unavailable", { reason: "The batch is just ending.", remedy: "Try again in a moment." });
