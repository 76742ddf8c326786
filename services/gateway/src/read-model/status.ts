import { create } from "@bufbuild/protobuf";
import { timestampFromDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  BatchState,
  type BatchStatus,
  BatchStatusSchema,
  CombinationState,
  type CombinationStatus,
  CombinationStatusSchema,
  type DeliveryStatus,
  DeliveryStatusSchema,
  FailureCode,
  formerOutputName,
  type OutputSummary,
  outputsOf,
  type RequestedKind,
} from "@polyreel/contract";
import {
  type BatchRecord,
  type CombinationRecord,
  type CombinationStep,
  type DeliveryState,
  partsAwaited,
} from "./batch-record.js";
import { attemptOf, firstFailed, firstRejected, shownDelivery, stepOf, timesOf } from "./combination-state.js";
import { type FailureCause, failureCauses, isAmongCauses } from "./failure-cause.js";
import type { CombinationsQuery, KnownBatch, KnownCombination } from "./read-model.js";
import { traceIdOf } from "./trace-id.js";

export const knownBatch = (batch: BatchRecord): KnownBatch => ({
  status: batchStatus(batch),
  specSha256: batch.resumedSpecSha256 || (batch.submitted?.specSha256 ?? ""),
  submittedSpecSha256: batch.submitted?.specSha256 ?? "",
  outputs: outputsOf(batch.submitted),
  traceparent: batch.traceparent,
  run: batch.run,
  requeued: isRequeued(batch),
  generation: batch.generation ?? 0,
  complete: isComplete(batch),
  cancelledSequence: batch.cancelledSequence,
  spent: batch.spent,
  finishedSequence: isFinished(batch) ? batch.finishedSequence : undefined,
});

/** `outputs`: those of its batch. */
export function knownCombination(record: CombinationRecord, outputs: readonly OutputSummary[]): KnownCombination {
  const positions = outputs.flatMap(({ deliveries }, output) => Array.from({ length: deliveries }, () => output));
  const deliveries = record.deliveries.map((delivery, number) => ({
    number,
    output: positions[number] ?? number, // If the submission names only one, each picture beside it is another one.
    state: STATES[delivery?.step ?? "planned"],
    failure: delivery?.failure,
    plannedSequence: delivery?.plannedSequence ?? 0,
    renderedSequence: delivery?.renderedSequence ?? 0,
  }));
  return {
    status: combinationStatus(record, outputs),
    attempt: attemptOf(record),
    plannedSequence: Math.max(...deliveries.map(({ plannedSequence }) => plannedSequence)),
    renderedSequence: Math.max(...deliveries.map(({ renderedSequence }) => renderedSequence)),
    deliveries,
  };
}

/** The batch's status for clients. */
export function batchStatus(batch: BatchRecord): BatchStatus {
  const { submitted, planned } = batch;
  const { inStep, laidOut } = batch.combinations;
  return create(BatchStatusSchema, {
    batchId: batch.id,
    tenant: submitted?.tenant ?? "",
    name: submitted?.name ?? "",
    state: stateOf(batch),
    combinations: {
      total: planned?.combinations ?? submitted?.combinations ?? 0n,
      planned: BigInt(Object.values(inStep).reduce((sum, count) => sum + count, 0)),
      rendered: BigInt(laidOut),
      delivered: BigInt(inStep.delivered),
      failed: BigInt(inStep.failed),
      awaitingApproval: BigInt(inStep.awaiting),
      // Nothing else of such a batch can be on its way to a destination.
      approved: submitted?.approve ? BigInt(inStep.rendered + inStep.delivered) : 0n,
      rejected: BigInt(inStep.rejected),
    },
    deliveries: {
      total: deliveriesInAll(batch),
      delivered: BigInt(batch.deliveries.delivered),
      failed: BigInt(batch.deliveries.failed),
      awaitingApproval: BigInt(batch.deliveries.awaiting),
      rejected: BigInt(batch.deliveries.rejected),
    },
    approve: submitted?.approve ?? false,
    clips: partCounts(batch, "clip", planned?.clips),
    voices: partCounts(batch, "voice", planned?.voices),
    soundtracks: partCounts(batch, "sound", planned?.soundtracks),
    renditions: partCounts(batch, "rendition", planned?.renditions),
    clipSeconds: planned?.clipSeconds ?? 0,
    combinationSeconds: planned?.combinationSeconds ?? 0,
    ...(submitted?.time && { submittedAt: submitted.time }),
    ...(batch.finishedAt && isFinished(batch) && { finishedAt: timestampFromDate(batch.finishedAt) }),
    traceId: traceIdOf(batch.traceparent),
    run: batch.run,
    ...runBegan(batch),
  });
}

/** Absent for a later run that an earlier release recorded. */
function runBegan({ run, runBeganMs, submitted }: BatchRecord): Pick<BatchStatus, "runBeganAt"> {
  if (runBeganMs !== undefined) return { runBeganAt: timestampFromMs(runBeganMs) };
  return run === 1 && submitted?.time ? { runBeganAt: submitted.time } : {};
}

/** For all combinations: as planned, or until then as submitted. */
function deliveriesInAll({ submitted, planned, deliveries, combinations }: BatchRecord): bigint {
  if (planned?.deliveries) return planned.deliveries;
  const each = outputsOf(submitted).reduce((sum, { deliveries }) => sum + deliveries, 0);
  const all = (planned?.combinations ?? submitted?.combinations ?? 0n) * BigInt(each);
  if (!submitted || submitted.outputs.length > 0) return all;
  // Pictures that an earlier release counted with their video, and this one delivers separately.
  const { delivered, failed } = combinations.inStep;
  return all + BigInt(deliveries.delivered + deliveries.failed - delivered - failed);
}

/**
 * Whether nothing more can happen: everything planned and resumed has ended, or it was cancelled. A combination may be
 * delivered before its parts are reported as reused: that is waited for, so that the counts are complete.
 */
export const isComplete = (batch: BatchRecord): boolean =>
  batch.cancelled || isReached(batch, ["delivered", "rejected", "failed"]);

/** Whether everything that remains waits for approval. */
const isAwaitingApproval = (batch: BatchRecord): boolean =>
  batch.combinations.inStep.awaiting > 0 && isReached(batch, ["delivered", "rejected", "failed", "awaiting"]);

/** Whether all combinations are in these steps, as planned and as resumed. */
function isReached(batch: BatchRecord, steps: readonly CombinationStep[]): boolean {
  const { planned, combinations } = batch;
  const there = steps.reduce((sum, step) => sum + combinations.inStep[step], 0);
  return planned !== undefined && isRequeued(batch) && there >= planned.combinations && partsAwaited(batch) === 0;
}

/** Whether everything resumed is published. */
const isRequeued = ({ run, requeuedRuns }: BatchRecord): boolean => requeuedRuns.size >= run - 1;

/** Whether its end is published, without an unrelated resumption since. */
export const isFinished = ({ run, finishedRun }: BatchRecord): boolean => finishedRun >= run;

/** Whether it is complete without a published end. */
export const isUnfinished = (batch: BatchRecord): boolean =>
  batch.submitted !== undefined && !batch.deleting && !isFinished(batch) && isComplete(batch);

/** Whether more can happen. */
export const isLive = (state: BatchState): boolean =>
  state === BatchState.PLANNING || state === BatchState.RUNNING || state === BatchState.AWAITING_APPROVAL;

export function stateOf(batch: BatchRecord): BatchState {
  const { cancelled, planned, deleting } = batch;
  if (deleting) return BatchState.DELETING;
  if (cancelled) return BatchState.CANCELLED;
  if (isFinished(batch)) return BatchState.FINISHED;
  if (isAwaitingApproval(batch)) return BatchState.AWAITING_APPROVAL;
  return planned ? BatchState.RUNNING : BatchState.PLANNING;
}

function partCounts({ parts }: BatchRecord, kind: RequestedKind, distinct: bigint | undefined) {
  const { requested, failed, reused, made } = parts[kind];
  const known = BigInt(requested + failed + reused + made);
  return {
    distinct: distinct !== undefined && distinct > known ? distinct : known,
    made: BigInt(made),
    reused: BigInt(reused),
    failed: BigInt(failed),
  };
}

export const STATES: Record<CombinationStep, CombinationState> = {
  planned: CombinationState.PLANNED,
  rendered: CombinationState.RENDERED,
  awaiting: CombinationState.AWAITING_APPROVAL,
  delivered: CombinationState.DELIVERED,
  rejected: CombinationState.REJECTED,
  failed: CombinationState.FAILED,
};

/** The combination's status for clients. `outputs`: those of its batch. */
export function combinationStatus(
  record: CombinationRecord,
  outputs: readonly OutputSummary[] = outputsOf(undefined),
): CombinationStatus {
  const { id, ordinal, choices, metadata, traceId } = record;
  const { path = "", location = "", urlPath = "", certificate } = shownDelivery(record) ?? {};
  const { failure } = firstFailed(record) ?? {};
  const { rejectionReason = "" } = firstRejected(record) ?? {};
  const { ended } = timesOf(record);
  const names = outputs.flatMap(({ name, deliveries }) => Array.from({ length: deliveries }, () => name));
  return create(CombinationStatusSchema, {
    id,
    ordinal: BigInt(ordinal),
    choices: [...choices],
    state: STATES[stepOf(record)],
    path,
    location,
    urlPath,
    picturePaths: picturePathsOf(record),
    metadata: { ...metadata },
    ...(certificate && { certificate }),
    ...(failure && { failure }),
    rejectionReason,
    traceId,
    ...(ended && { endedAt: timestampFromDate(ended) }),
    outputs: record.deliveries.map((delivery, number) => deliveryStatus(delivery, number, names[number])),
  });
}

function deliveryStatus(delivery: DeliveryState | undefined, number: number, name: string | undefined): DeliveryStatus {
  const {
    step = "planned",
    path = "",
    location = "",
    urlPath = "",
    certificate,
    failure,
    rejectionReason = "",
    times,
  } = delivery ?? {};
  return create(DeliveryStatusSchema, {
    ...{ name: name ?? formerOutputName(path), delivery: number, state: STATES[step] },
    ...{ path, location, urlPath, rejectionReason },
    ...(certificate && { certificate }),
    ...(failure && { failure }),
    ...(times?.ended && { endedAt: timestampFromDate(times.ended) }),
  });
}

/**
 * Of pictures that are separate outputs, and of those that releases with one output per batch delivered beside the
 * video.
 */
const picturePathsOf = ({ deliveries }: CombinationRecord): string[] =>
  deliveries.flatMap((delivery) => {
    if (!delivery?.path) return [];
    const isPicture = delivery.certificate?.operation.case === "picture";
    return isPicture ? [delivery.path] : delivery.picturePaths;
  });

/** Whether a combination is in the requested state; true if none is requested. */
export const isInState = (record: CombinationRecord, state: CombinationState): boolean =>
  state === CombinationState.UNSPECIFIED || STATES[stepOf(record)] === state;

/**
 * Whether a combination has a requested failure: a delivery of these numbers with one of these codes; true if none is
 * requested.
 */
export function hasFailure(
  record: CombinationRecord,
  { failureCodes = [], deliveries = [] }: Pick<CombinationsQuery, "failureCodes" | "deliveries">,
): boolean {
  if (failureCodes.length === 0 && deliveries.length === 0) return true;
  if (stepOf(record) !== "failed") return false;
  return record.deliveries.some(
    (delivery, number) =>
      delivery?.step === "failed" &&
      (deliveries.length === 0 || deliveries.includes(number)) &&
      (failureCodes.length === 0 || failureCodes.includes(delivery.failure?.code ?? FailureCode.UNSPECIFIED)),
  );
}

/** Whether a combination failed for a requested cause; true if none is requested. */
export const hasCause = (record: CombinationRecord, causes: readonly FailureCause[] = []): boolean =>
  causes.length === 0 || failureCauses(record).some(({ cause }) => isAmongCauses(cause, causes));

/** Whether a combination has the requested choices: any of the given choices of a block, and all of the given blocks. */
export function hasChoices(record: CombinationRecord, wanted: CombinationsQuery["choices"]): boolean {
  const blocks = new Set(wanted.map(({ block }) => block));
  return [...blocks].every((block) => {
    const label = record.choices.find((chosen) => chosen.block === block)?.choice;
    return wanted.some((chosen) => chosen.block === block && chosen.choice === label);
  });
}
