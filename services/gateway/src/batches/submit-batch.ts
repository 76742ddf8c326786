import { createHash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { equals, toBinary } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { type Batch, BatchSchema, BatchState, type BatchStatus, type SubmitBatchRequest } from "@polyreel/contract";
import { earlierBatches, readSpecification } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { planKey, type Store, scopedStore } from "@polyreel/platform/blobs";
import { lastFact } from "@polyreel/platform/stream";
import { dated, normalizeBatch } from "@polyreel/spec";
import { checkCount } from "@polyreel/spec/checks";
import { type Call, tenantFor } from "../call/call.js";
import { assertReceivers } from "../notify/assert-receivers.js";
import { notifySummaries } from "../notify/receivers.js";
import { estimatedUse, reservedIn } from "../usage/batch-use.js";
import { batchIdOf } from "./batch-id.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { OneAtATime } from "./one-at-a-time.js";
import { streamBytes } from "./stream-bytes.js";
import { assertStreamCapacity } from "./stream-capacity.js";

export interface BatchLimits {
  /** Limit for the combinations of one batch. */
  readonly maxCombinations: number;
}

export type SubmitDeps = Pick<
  BatchDeps,
  "stream" | "publisher" | "store" | "broker" | "model" | "notifications" | "presets" | "admission" | "estimates"
>;

interface Submission extends BatchLimits {
  readonly batch: Batch;
  /** The batch states no date: it has that of its acceptance. */
  readonly isDated: boolean;
  readonly batchId: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/**
 * Accepts a batch exactly once. The stream guarantees it: it accepts batch.submitted only if it has none of this id,
 * except that of a deleted batch. The specification is stored before the fact is published.
 */
export function submitBatch(
  deps: SubmitDeps,
  limits: BatchLimits,
): (request: SubmitBatchRequest, call: Call) => Promise<BatchStatus> {
  const submits = new OneAtATime();
  return async ({ batch: given, requestId }, { scope, signal }) => {
    if (!given) throw new PolyreelError("invalid", { field: "batch", reason: "The request has no batch." });
    const tenant = tenantFor(scope, given.tenant, "batch.tenant");
    const batch = dated({ ...normalizeBatch(given, deps.presets), tenant }, new Date());
    await turn(); // A large batch takes about 100 ms per step.
    const batchId = batchIdOf(batch.tenant, requestId);
    deps.broker.assertThere();
    // With two concurrent calls for different batches under one request id, the later one must not overwrite the
    // first's specification.
    const submission = { batch, isDated: given.date === "", batchId, requestId, ...limits, signal };
    const sequence = await submits.run(batchId, () => accept(deps, submission));
    return (await knownBatch(deps.model, batchId, { tenant }, sequence)).status;
  };
}

/** Position of the batch's submission in the stream, new or existing. */
async function accept(deps: SubmitDeps, submission: Submission): Promise<number> {
  const { batch, batchId, requestId } = submission;
  const bytes = toBinary(BatchSchema, batch);
  await turn();
  const specSha256 = createHash("sha256").update(bytes).digest("hex");
  const before = (await lastFact(deps.stream, "batch.submitted", batchId))?.sequence ?? 0;
  await deps.model.reached(before);
  const known = await deps.model.batch(batchId, { tenant: batch.tenant });
  if (known) {
    if (known.status.state === BatchState.DELETING) throw beingDeleted();
    await assertSame(known.submittedSpecSha256, submission, specSha256, deps.store);
    return 0;
  }
  // Only now: a repeat of an accepted request is answered as before, whatever has changed since.
  assertReceivers(batch.notify, batch.tenant, deps.notifications.config);
  // All that remains of an earlier batch with this id are facts up to this one, which are being removed.
  const deleted = await lastFact(deps.stream, "batch.deleted", batchId);
  const store = scopedStore(deps.store, batch.tenant);
  const combinations = await countCombinations(deps, store, submission);
  await assertStreamCapacity(deps.stream, streamBytes(batch, combinations));
  const fact = {
    batchId,
    tenant: batch.tenant,
    requestId,
    name: batch.name,
    specSha256,
    combinations: BigInt(combinations),
    priority: batch.priority,
    time: timestampNow(),
    continues: batch.continues,
    outputs: batch.outputs.map(({ name, to }) => ({ name, deliveries: to.length })),
    approve: batch.approve,
    notify: notifySummaries(batch.notify),
  };
  const id = String(deleted?.sequence ?? 0);
  const estimateUse = async () => {
    const estimate = await deps.estimates.of({ batch, specSha256 }, submission.signal);
    return estimate && estimatedUse(estimate);
  };
  const admitted = { tenant: batch.tenant, batchId, run: 1, combinations, isLive: false, estimateUse };
  const ack = await deps.admission.publish(admitted, async ({ assertInTime, reserved }) => {
    await store.put(planKey(batchId, specSha256), bytes);
    assertInTime();
    return await deps.publisher.publishAfter(
      "batch.submitted",
      { ...fact, ...reservedIn(reserved) },
      { last: before, id },
    );
  });
  if (ack) return ack.seq;
  const first = await lastFact(deps.stream, "batch.submitted", batchId);
  if (!first) return accept(deps, submission); // The earlier batch's facts were removed just now.
  await assertSame(first.fact.specSha256, submission, specSha256, deps.store); // Another gateway was faster.
  return first.sequence;
}

async function countCombinations(
  { stream, model }: SubmitDeps,
  store: Store,
  { batch, maxCombinations, signal }: Submission,
): Promise<number> {
  const continued = batch.continues === "" ? undefined : await model.batch(batch.continues, { tenant: batch.tenant });
  if (continued?.status.state === BatchState.DELETING) throw continuesDeleted(batch.continues);
  const earlier = await earlierBatches(batch, { stream, store });
  const { combinations, failures } = await checkCount(
    batch,
    earlier.map((one) => one.batch),
    { maxCombinations, signal },
  );
  if (failures[0]) throw new PolyreelError("invalid", failures[0]);
  return combinations;
}

const beingDeleted = (): PolyreelError =>
  new PolyreelError("unavailable", {
    field: "request_id",
    reason: "The batch that was accepted under this request id is being deleted.",
    remedy: "Try again when GetBatch no longer finds it, or use a new request id.",
  });

const continuesDeleted = (batchId: string): PolyreelError =>
  new PolyreelError("precondition", {
    field: "continues",
    reason: `Batch ${JSON.stringify(batchId)} is being deleted, and cannot be continued.`,
    remedy: "Omit continues: identical parts are reused in any case.",
  });

/** A batch accepted by an earlier release may be stored in another form: it is compared after normalisation. */
async function assertSame(
  accepted: string,
  { batch, isDated, batchId, requestId }: Submission,
  requested: string,
  store: Store,
): Promise<void> {
  if (accepted === requested) return;
  const specification = { batchId, specSha256: accepted };
  const before = await readSpecification(scopedStore(store, batch.tenant), specification).catch(() => undefined);
  // A sample that names no method has the default of the release that accepted it.
  const sample = batch.sample && before?.sample && { ...batch.sample, method: before.sample.method };
  const date = before && isDated ? before.date : batch.date;
  if (before && equals(BatchSchema, before, { ...batch, date, ...(sample && { sample }) })) return;
  throw new PolyreelError("conflict", {
    field: "request_id",
    reason: `Another batch was accepted under the request id ${JSON.stringify(requestId)}.`,
    remedy: "Use a new request id for a changed batch.",
  });
}
