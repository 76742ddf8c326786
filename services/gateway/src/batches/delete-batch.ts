import { timestampNow } from "@bufbuild/protobuf/wkt";
import { BatchState } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { writeKeptPaths } from "@polyreel/platform/files";
import { lastFact } from "@polyreel/platform/stream";
import type { Call } from "../call/call.js";
import type { Admission } from "../quotas/admission.js";
import { isLive } from "../read-model/status.js";
import { recordLastUse } from "../sources/source-removal.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { type Removed, removeParts } from "./own-parts.js";

export type DeletionDeps = Pick<BatchDeps, "model" | "store" | "stream" | "broker" | "publisher" | "uses"> & {
  readonly admission: Pick<Admission, "forget">;
};

/**
 * Removes the parts that only this batch uses, and publishes its deletion. The parts go first: after a crash in
 * between, the batch still exists and can be deleted again; a part that somebody starts to use meanwhile is missed and
 * made again. Uploaders do the rest, and the batch is visible until they have: its outputs, except those that another
 * batch has written to the same path, its specification, its facts. Idempotent. An aborted call has removed some of the
 * parts, and the batch still exists.
 */
export async function deleteBatch(
  { model, store, stream, broker, publisher, uses, admission }: DeletionDeps,
  batchId: string,
  { scope, signal }: Pick<Call, "scope" | "signal">,
): Promise<Removed> {
  broker.assertThere();
  const batch = await knownBatch(model, batchId, scope);
  const { status, finishedSequence, generation } = batch;
  if (status.state === BatchState.DELETING) return { count: 0, bytes: 0 };
  if (isLive(status.state)) throw stillLive(batchId);
  if (finishedSequence === undefined) throw stillEnding();
  const [continuing] = await model.continuing(batchId);
  if (continuing !== undefined) throw continued(batchId, continuing);

  const tenantStore = scopedStore(store, status.tenant);
  await writeKeptPaths(tenantStore, batchId, await model.sharedPaths(batchId));
  await recordLastUse(tenantStore, await uses.sourcesOf(batch, signal), signal);
  const removed = await removeParts(model.partsOnlyOf(batchId), tenantStore, signal);
  await admission.forget({ tenant: status.tenant, batchId });
  const before = await lastFact(stream, "batch.deleting", batchId); // Of an earlier batch with this id.
  const fact = { batchId, tenant: status.tenant, time: timestampNow() };
  const last = before?.sequence ?? 0;
  const published = await publisher.publishAfter("batch.deleting", fact, {
    last,
    id: String(finishedSequence),
    generation,
  });
  if (published) await model.reached(published.seq);
  return removed;
}

const stillLive = (batchId: string): PolyreelError =>
  new PolyreelError("precondition", {
    field: "batch_id",
    reason: `Batch ${batchId} is still at work.`,
    remedy: "Cancel it first, or wait for its end.",
  });

const stillEnding = (): PolyreelError =>
  new PolyreelError("unavailable", { reason: "The batch is just ending.", remedy: "Try again in a moment." });

/** The combinations that a batch leaves out, and their folders, are known from the one that it continues. */
const continued = (batchId: string, by: string): PolyreelError =>
  new PolyreelError("precondition", {
    field: "batch_id",
    reason: `Batch ${by} continues batch ${batchId}, and can't be worked again without it.`,
    remedy: `Delete ${by} first.`,
  });
