import { fromBinary } from "@bufbuild/protobuf";
import { BatchState, type BatchStatus, DroppedFilesSchema } from "@polyreel/contract";
import { droppedKey, readBytes, scopedStore } from "@polyreel/platform/blobs";
import type { Call } from "../call/call.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/** What is known of a batch; of a finished one also what an uploader found that earlier batches left in its folder. */
export async function getBatch(
  { model, store, waiting }: BatchDeps,
  batchId: string,
  { scope }: Pick<Call, "scope">,
): Promise<BatchStatus> {
  const status = waiting.shown((await knownBatch(model, batchId, scope)).status);
  if (status.state !== BatchState.FINISHED || status.name === "") return status;
  const tenantStore = scopedStore(store, status.tenant);
  const key = droppedKey(batchId);
  // Nobody needs it so much that an answer should fail without the store.
  const note = await readBytes(tenantStore, key).catch(() => undefined);
  return note ? { ...status, dropped: fromBinary(DroppedFilesSchema, note) } : status;
}
