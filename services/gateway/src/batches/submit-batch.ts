import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { timestampDate, timestampNow } from "@bufbuild/protobuf/wkt";
import { type Batch, BatchSchema, type BatchStatus, normalizeBatch, type SubmitBatchRequest } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import { DEDUPE_WINDOW_MS, type EventStream } from "@polyreel/platform/nats/stream.js";
import { earlierBatches } from "@polyreel/platform/specification.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import { planKey, type Store } from "@polyreel/platform/store/store.js";
import { checkCount } from "../spec/check-count.js";
import { batchIdOf } from "./batch-id.js";
import type { BatchDeps } from "./deps.js";
import { knownBatch } from "./known-batch.js";
import { OneAtATime } from "./one-at-a-time.js";
import { assertRoom } from "./room.js";
import { streamBytes } from "./stream-bytes.js";

/** Of gateways on different machines. */
const CLOCKS_DIFFER_MS = 30_000;

export interface BatchLimits {
  /** Combinations that one batch may have. */
  readonly maxCombinations: number;
}

interface Submission extends BatchLimits {
  readonly batch: Batch;
  readonly batchId: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/**
 * Accepts a batch once. The stream itself guarantees it: batch.submitted is taken only as the first of its subject, which
 * the request id decides. The specification lies in the store before the fact says so.
 */
export function submitBatch(
  deps: BatchDeps,
  limits: BatchLimits,
): (request: SubmitBatchRequest, signal: AbortSignal) => Promise<BatchStatus> {
  const submits = new OneAtATime();
  return async ({ batch: given, requestId }, signal) => {
    if (!given) throw new PolyreelError("invalid", { field: "batch", reason: "The request has no batch." });
    const batch = normalizeBatch(given);
    const batchId = batchIdOf(batch.tenant, requestId);
    deps.broker.assertThere();
    // Of two calls at once with different batches under one request id, the later must not write over the first's.
    const sequence = await submits.run(batchId, () => accept(deps, { batch, batchId, requestId, ...limits, signal }));
    return (await knownBatch(deps.model, batchId, sequence)).status;
  };
}

/** Position of the batch's submission in the stream, made now or before. */
async function accept(deps: BatchDeps, submission: Submission): Promise<number> {
  const { batch, batchId, requestId } = submission;
  const bytes = toBinary(BatchSchema, batch);
  const specSha256 = createHash("sha256").update(bytes).digest("hex");
  const before = (await lastFact(deps.stream, "batch.submitted", batchId))?.sequence ?? 0;
  await deps.model.reached(before);
  const known = await deps.model.batch(batchId);
  if (known) {
    assertSame(known.specSha256, specSha256, requestId);
    return 0;
  }
  // Its specification goes before its facts do: until then, that would be the new one's.
  if (before > 0 || (await wasJustDeleted(batchId, deps.stream))) throw justDeleted();
  const store = scopedStore(deps.store, batch.tenant);
  const combinations = await countCombinations(deps, store, submission);
  await assertRoom(deps.stream, streamBytes(batch, combinations));
  await store.write(planKey(batchId, specSha256), bytes);
  const ack = await deps.publisher.publishOnce("batch.submitted", {
    batchId,
    tenant: batch.tenant,
    requestId,
    name: batch.name,
    specSha256,
    combinations: BigInt(combinations),
    priority: batch.priority,
    time: timestampNow(),
    continues: batch.continues,
  });
  if (ack) return ack.seq;
  const first = await lastFact(deps.stream, "batch.submitted", batchId); // another gateway was faster
  if (first) assertSame(first.fact.specSha256, specSha256, requestId);
  return first?.sequence ?? 0;
}

async function countCombinations(
  { stream }: BatchDeps,
  store: Store,
  { batch, maxCombinations, signal }: Submission,
): Promise<number> {
  const earlier = await earlierBatches(batch, { stream, store });
  const { combinations, failures } = await checkCount(
    batch,
    earlier.map((one) => one.batch),
    { maxCombinations, signal },
  );
  if (failures[0]) throw new PolyreelError("invalid", failures[0]);
  return combinations;
}

/** Facts of a batch that was deleted lately have the message ids of those of another one of its id: the stream would drop them. */
async function wasJustDeleted(batchId: string, stream: EventStream): Promise<boolean> {
  const deleted = await lastFact(stream, "batch.deleted", batchId);
  if (!deleted?.fact.time) return false;
  return Date.now() - timestampDate(deleted.fact.time).getTime() < DEDUPE_WINDOW_MS + CLOCKS_DIFFER_MS;
}

const justDeleted = (): PolyreelError =>
  new PolyreelError("unavailable", {
    field: "request_id",
    reason: "The batch that was accepted under this request id was deleted just now.",
    remedy: "Use a new request id, or try again in a few minutes.",
  });

function assertSame(accepted: string, asked: string, requestId: string): void {
  if (accepted === asked) return;
  throw new PolyreelError("conflict", {
    field: "request_id",
    reason: `Another batch was accepted under the request id ${JSON.stringify(requestId)}.`,
    remedy: "Use a new request id for a changed batch.",
  });
}
