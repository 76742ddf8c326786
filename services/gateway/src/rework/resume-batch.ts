import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import {
  BatchState,
  type BatchSubmitted,
  type Destination,
  deliveriesIn,
  type FoundSource,
  type Resumption,
  ResumptionSchema,
  type ReworkSchema,
  type WhichCombinations,
} from "@polyreel/contract";
import { removeWorkList, writeWorkList } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { type FactMessage, factsSoFar, lastFact, lastPosition } from "@polyreel/platform/stream";
import { DEFAULT_TENANT, parsePlaced } from "@polyreel/spec";
import { amongTenants, isAmongTenants } from "@polyreel/spec/checks";
import { assertChoices } from "../batches/assert-choices.js";
import type { BatchDeps } from "../batches/deps.js";
import { knownBatch } from "../batches/known-batch.js";
import { OneAtATime } from "../batches/one-at-a-time.js";
import { streamBytes } from "../batches/stream-bytes.js";
import { assertStreamCapacity } from "../batches/stream-capacity.js";
import type { Call, Scope } from "../call/call.js";
import { FREE, type Permit } from "../quotas/admission.js";
import { reservedIn } from "../usage/batch-use.js";
import { assertDestination } from "./assert-destination.js";
import { type Choosing, chosenCombinations } from "./chosen-combinations.js";
import { runSpecification } from "./run-specification.js";
import { useOfRun } from "./run-use.js";
import { plannedAgain } from "./work-items.js";

/** A request to rework a batch. */
export interface ReworkRequest {
  readonly batchId: string;
  /** Empty: every call is a new one. */
  readonly requestId: string;
  /** SHA-256 of the request. */
  readonly digest: string;
  readonly rework: MessageInitShape<typeof ReworkSchema>;
  /** As requested. */
  readonly destination?: Destination | undefined;
  readonly which: WhichCombinations | undefined;
  /** Sources that were missing so far. */
  readonly sources?: readonly FoundSource[];
  readonly choosing: Choosing;
}

type Resumed = FactMessage<"batch.resumed">;

/** How long a decision waits until earlier runs are published: a planner takes milliseconds for most. */
const TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/**
 * Resumes a batch, once per request id. The list of its work is stored before the fact names it, so that a run is
 * complete or nonexistent even after a crash. Runs count up: the stream accepts each only after the previous one.
 */
export function resumeBatch(deps: BatchDeps): (request: ReworkRequest, call: Call) => Promise<Resumption> {
  const resuming = new OneAtATime();
  return async (request, call) => {
    deps.broker.assertThere();
    await knownBatch(deps.model, request.batchId, call.scope);
    return resuming.run(request.batchId, () => resume(deps, request, call));
  };
}

async function resume(deps: BatchDeps, request: ReworkRequest, call: Call): Promise<Resumption> {
  const { batchId, requestId, digest } = request;
  const submitted = await submissionOf(deps, batchId);
  for (const until = Date.now() + TIMEOUT_MS; ; ) {
    const runs = await runsOf(deps, batchId, call.signal);
    const before = runs.find(({ fact }) => requestId !== "" && fact.requestId === requestId);
    if (before && before.fact.requestSha256 !== digest) throw otherRequest(requestId);
    if (before) return answer(deps, before.fact, { ...call, sequence: before.sequence });
    // The caller may have watched the stream, and know more than the read model.
    const { status, generation, requeued } = await knownBatch(
      deps.model,
      batchId,
      call.scope,
      await lastPosition(deps.stream, batchId),
    );
    if (status.state === BatchState.CANCELLED) throw wasCancelled();
    if (status.state === BatchState.DELETING) throw isBeingDeleted();
    if (isDecision(request) && !requeued) {
      if (Date.now() > until) throw isStillRequeuing();
      await delay(POLL_MS, undefined, { signal: call.signal });
      continue;
    }
    const resumption = await begin(deps, request, submitted, {
      ...{ ...call, runs, generation },
      isLive: status.state === BatchState.PLANNING || status.state === BatchState.RUNNING,
    });
    if (resumption) return resumption;
  }
}

/**
 * The result of an earlier run must be known before a decision: what it has just approved must not be rejected, nor
 * delivered twice.
 */
const isDecision = ({ rework }: ReworkRequest): boolean => rework.decision !== undefined;

/** What is known of the batch. */
interface Standing {
  readonly runs: readonly Resumed[];
  readonly generation: number;
  readonly isLive: boolean;
}

/** Undefined if another gateway was faster. */
async function begin(
  deps: BatchDeps,
  { batchId, requestId, digest, rework, destination, which, choosing, sources = [] }: ReworkRequest,
  submitted: BatchSubmitted,
  { scope, signal, runs, generation, isLive }: Call & Standing,
): Promise<Resumption | undefined> {
  const { tenant, name, priority } = submitted;
  assertFolder(rework, destination, { tenant, name });
  await assertDestination(deps, { batchId, tenant, name, folder: rework.folder ?? "", destination }, signal);
  const store = scopedStore(deps.store, tenant);
  const specification = await runSpecification(sources, { store, submitted, runs, signal });
  const last = runs.at(-1);
  const listId = randomUUID();
  let attempt = Math.max(1, last?.fact.attempt ?? 1);
  let worked = 0;
  const items = async function* () {
    for await (const { combination, messages } of chosenCombinations(deps.model, { batchId, scope }, which, choosing)) {
      signal.throwIfAborted();
      attempt = Math.max(attempt, combination.attempt);
      const ordinal = Number(combination.status.ordinal);
      for (const { sequence, deliveries } of plannedAgain(messages, combination, specification.foundAt)) {
        worked += deliveriesIn(deliveries, combination.deliveries.length).length;
        yield { ordinal, sequence: BigInt(sequence), deliveries };
      }
    }
  };
  const list = await writeWorkList(store, { batchId, listId }, items());
  if (list.combinations === 0) {
    const known = await knownBatch(deps.model, batchId, scope);
    await assertChoices(deps.store, known, which?.choices ?? [], "which.choices");
    return create(ResumptionSchema, { batch: known.status });
  }
  try {
    await assertStreamCapacity(deps.stream, streamBytes(specification.batch, list.combinations));
    await specification.keep();
  } catch (error) {
    await removeWorkList(store, { batchId, listId, pieces: list.pieces });
    throw error;
  }
  const run = (last?.fact.run ?? 1) + 1;
  const combinations = BigInt(list.combinations);
  const named = { batchId, listId, pieces: list.pieces };
  const request = { requestId, requestSha256: digest, rework };
  const deliveries = worked === list.combinations ? 0n : BigInt(worked);
  const about = { tenant, priority, run, attempt: attempt + 1, combinations, deliveries, time: timestampNow() };
  const { specSha256 } = specification;
  const fact = { ...named, ...request, ...about, specSha256 };
  const publish = async ({ assertInTime, reserved }: Permit) => {
    assertInTime();
    const position = { last: last?.sequence ?? 0, id: listId, generation };
    return await deps.publisher.publishAfter("batch.resumed", { ...fact, ...reservedIn(reserved) }, position);
  };
  const estimateUse = async () => {
    const { batch } = specification;
    const estimated = { batch, specSha256: specSha256 || submitted.specSha256, rebuild: rework.force === true };
    const estimate = await deps.estimates.of(estimated, signal);
    return estimate && useOfRun(estimate, { rework, deliveries: worked, outputs: batch.outputs.length });
  };
  const admitted = { tenant, batchId, run, combinations: list.combinations, isLive, estimateUse };
  // A decision continues what was admitted.
  const admit = () => (rework.decision ? publish(FREE) : deps.admission.publish(admitted, publish));
  const ack = await admit().catch(async (error: unknown) => {
    if (error instanceof PolyreelError && error.code === "exhausted") await removeWorkList(store, named);
    throw error;
  });
  if (ack) return answer(deps, { batchId, run, combinations }, { scope, sequence: ack.seq });
  await removeWorkList(store, named);
  return undefined;
}

async function answer(
  { model }: BatchDeps,
  { batchId, run, combinations }: { batchId: string; run: number; combinations: bigint },
  { scope, sequence }: { readonly scope: Scope; readonly sequence: number },
): Promise<Resumption> {
  const { status: batch } = await knownBatch(model, batchId, scope, sequence);
  return create(ResumptionSchema, { batch, run, combinations, sequence: BigInt(sequence) });
}

async function submissionOf({ stream }: BatchDeps, batchId: string): Promise<BatchSubmitted> {
  const submitted = await lastFact(stream, "batch.submitted", batchId);
  if (submitted) return submitted.fact;
  throw new PolyreelError("not_found", {
    field: "batch_id",
    reason: "The batch is no longer in the event stream.",
    remedy: "Submit it again: what it made is used again.",
  });
}

/** The resumed runs of a batch so far, in order. */
async function runsOf({ stream }: BatchDeps, batchId: string, signal: AbortSignal): Promise<Resumed[]> {
  const runs: Resumed[] = [];
  for await (const message of factsSoFar(stream, "batch.resumed", batchId, { signal })) runs.push(message);
  return runs;
}

function assertFolder(
  { folder = "", prune = false }: ReworkRequest["rework"],
  destination: Destination | undefined,
  { tenant, name }: { tenant: string; name: string },
): void {
  const kind = destination?.kind.case ?? "folder";
  if (tenant === DEFAULT_TENANT && isAmongTenants(parsePlaced(folder).path)) {
    const field = `destination.${kind}.${kind === "s3" ? "prefix" : "path"}`;
    throw new PolyreelError("invalid", { field, ...amongTenants });
  }
  if (prune && name === "") {
    throw new PolyreelError("invalid", {
      field: `destination.${kind}.prune`,
      reason: "The batch has no name, so the earlier batches that it replaces are unknown.",
      remedy: "Leave prune out.",
    });
  }
}

const wasCancelled = (): PolyreelError =>
  new PolyreelError("precondition", {
    field: "batch_id",
    reason: "The batch was cancelled, which is final.",
    remedy: "Submit it again: what it made is used again.",
  });

const isBeingDeleted = (): PolyreelError =>
  new PolyreelError("precondition", {
    field: "batch_id",
    reason: "The batch is being deleted.",
    remedy: "Submit it again when it is gone.",
  });

const isStillRequeuing = (): PolyreelError =>
  new PolyreelError("unavailable", {
    field: "batch_id",
    reason: "A planner is still carrying out an earlier run of the batch.",
    remedy: "Try again in a moment.",
  });

const otherRequest = (requestId: string): PolyreelError =>
  new PolyreelError("conflict", {
    field: "request_id",
    reason: `Something else was asked of this batch under the request id ${JSON.stringify(requestId)}.`,
    remedy: "Use a new request id.",
  });
