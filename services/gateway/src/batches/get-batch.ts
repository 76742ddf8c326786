import { fromBinary } from "@bufbuild/protobuf";
import { BatchState, type BatchStatus, DroppedFilesSchema } from "@polyreel/contract";
import { droppedKey, readBytes, scopedStore } from "@polyreel/platform/blobs";
import type { Call } from "../call/call.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";

/** The status of a batch; for a finished one including files of earlier batches that an uploader found in its folder. */
export async function getBatch(
  { model, store, waiting }: BatchDeps,
  batchId: string,
  { scope }: Pick<Call, "scope">,
): Promise<BatchStatus> {
  const status = waiting.shown((await knownBatch(model, batchId, scope)).status);
  if (status.state !== BatchState.FINISHED || status.name === "") return status;
  const tenantStore = scopedStore(store, status.tenant);
  const key = droppedKey(batchId);
  // Optional information: an unavailable store must not fail the call.
  const note = await readBytes(tenantStore, key).catch(() => undefined);
  return note ? { ...status, dropped: fromBinary(DroppedFilesSchema, note) } : status;
}
