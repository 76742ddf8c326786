import { timestampDate, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Combination,
  certificateOf,
  countOf,
  deliveriesIn,
  deliveriesPlanned,
  isFormerPlan,
  isPartFact,
  kindOfFact,
  outputPlansOf,
  outputUrlPath,
  type PartFactName,
  type PartRequested,
  plannedDeliveries,
  renderedFileName,
  renderedPlan,
} from "@polyreel/contract";
import { partsIn } from "@polyreel/parts/kinds";
import type { FactMessage } from "@polyreel/platform/stream";
import { applyToCombination } from "./apply-to-combination.js";
import { applyToPart } from "./apply-to-part.js";
import type { BatchRecord, BatchRecords, PartState } from "./batch-record.js";
import { reserve } from "./reservation.js";
import { decodedSoundsIn } from "./sounds-used.js";
import { isFinished } from "./status.js";
import { traceIdOf } from "./trace-id.js";

/** Attempts and runs count from 1; a fact without one belongs to the first. */
const attemptOf = (attempt: number): number => Math.max(1, attempt);

/**
 * Whether a fact, in the stream's order, belongs to the batch that currently has the id. A process that was paused
 * across a deletion publishes facts of the deleted batch afterwards, even after its request was repeated.
 */
export function belongsTo(
  batch: Pick<BatchRecord, "submitted" | "generation"> | undefined,
  message: FactMessage,
): boolean {
  if (message.name === "batch.submitted" || message.generation === 0) return true;
  if (!batch?.submitted) return false;
  return batch.generation === undefined || batch.generation === message.generation;
}

/**
 * Applies a fact to the records of its batch. The result depends only on the set of facts: repeated facts change
 * nothing, and the order is irrelevant, with one exception: of its end and its cancellation the first one in the stream
 * counts. No clock, no I/O.
 */
export function apply(records: BatchRecords, message: FactMessage): void {
  const { batch } = records;
  const { sequence, time } = message;
  if (isPartFact(message)) {
    applyToPart(records, {
      kind: kindOfFact(message.name),
      hash: message.fact.hash,
      state: partStateOf(message),
      time,
    });
    if (isPartFact(message, "requested")) noteSoundsUsed(records, message.fact, time);
    return;
  }
  switch (message.name) {
    case "batch.submitted":
      batch.submitted = message.fact;
      batch.generation = sequence;
      batch.traceparent = message.traceparent;
      reserve(batch, 1, message.fact.reserved);
      return;
    case "batch.planned":
      batch.planned = message.fact;
      return;
    case "batch.deleting":
      batch.deleting = true;
      return;
    case "batch.deleted":
      return; // There is nothing left to apply it to.
    case "batch.cancelled":
      if (batch.cancelled || isFinished(batch)) return;
      batch.cancelled = true;
      batch.cancelledSequence = sequence;
      return;
    case "batch.resumed":
      reserve(batch, message.fact.run, message.fact.reserved);
      if (message.fact.run <= batch.run) return;
      batch.run = message.fact.run;
      batch.resumedSpecSha256 = message.fact.specSha256;
      batch.runBeganMs = message.fact.time ? timestampMs(message.fact.time) : time.getTime();
      return;
    case "batch.requeued":
      batch.requeuedRuns.add(message.fact.run);
      return;
    case "batch.finished":
      if (attemptOf(message.fact.run) <= batch.finishedRun) return;
      batch.finishedRun = attemptOf(message.fact.run);
      batch.finishedAt = message.fact.time ? timestampDate(message.fact.time) : time;
      batch.finishedSequence = sequence;
      return;
    case "combination.planned": {
      const { combination, attempt } = message.fact;
      if (!combination) return;
      applyToCombination(records, {
        ...combination,
        ...about(message),
        ...(isFormerPlan(message.fact)
          ? ONLY_DELIVERY
          : deliveriesAmong(deliveriesPlanned(outputPlansOf(message.fact)), plannedDeliveries(message.fact))),
        attempt: attemptOf(attempt),
        step: "planned",
      });
      return;
    }
    case "combination.rendered": {
      const { combination, attempt, certificate, deliveryCount } = message.fact;
      if (!combination) return;
      const plan = renderedPlan(message.fact);
      // Served from here on, and playable before anything is delivered.
      const awaits = {
        step: "awaiting",
        urlPath: outputUrlPath(message.batchId, combination.id, renderedFileName(message.fact)),
      } as const;
      applyToCombination(records, {
        ...combination,
        ...about(message),
        ...deliveriesAmong(deliveriesPlanned([plan]), countOf(deliveryCount)),
        attempt: attemptOf(attempt),
        // An output's deliveries wait for approval together.
        ...(plan.targets.some(({ awaitsApproval }) => awaitsApproval) ? awaits : ({ step: "rendered" } as const)),
        certificate: certificate && certificateOf(certificate),
        partsReadyAt: readyAt(records, combination),
      });
      return;
    }
    case "combination.delivered": {
      const { combinationId: id, ordinal, choices, attempt, traceId, delivery, deliveryCount } = message.fact;
      const { path, location, urlPath, picturePaths, certificate } = message.fact;
      applyToCombination(records, {
        ...{ id, ordinal, choices, path, location, urlPath, picturePaths },
        certificate: certificate && certificateOf(certificate),
        ...about(message),
        ...deliveriesAmong([delivery], countOf(deliveryCount)),
        attempt: attemptOf(attempt),
        step: "delivered",
        traceId: traceId || traceIdOf(message.traceparent),
      });
      return;
    }
    case "combination.failed": {
      const {
        combinationId: id,
        ordinal,
        choices,
        attempt,
        traceId,
        deliveries,
        deliveryCount,
        failure,
      } = message.fact;
      const count = countOf(deliveryCount);
      applyToCombination(records, {
        ...{ id, ordinal, choices, failure },
        ...about(message),
        ...deliveriesAmong(deliveriesIn(deliveries, count), count),
        attempt: attemptOf(attempt),
        step: "failed",
        traceId: traceId || traceIdOf(message.traceparent),
      });
      return;
    }
    case "combination.rejected": {
      const { combinationId: id, ordinal, choices, attempt, traceId, deliveries, deliveryCount, reason } = message.fact;
      const count = countOf(deliveryCount);
      applyToCombination(records, {
        ...{ id, ordinal, choices, rejectionReason: reason },
        ...about(message),
        ...deliveriesAmong(deliveriesIn(deliveries, count), count),
        attempt: attemptOf(attempt),
        step: "rejected",
        traceId: traceId || traceIdOf(message.traceparent),
      });
    }
  }
}

const about = ({ sequence, time, traceparent }: FactMessage) => ({ sequence, time, traceId: traceIdOf(traceparent) });

const ONLY_DELIVERY = { deliveries: [0], deliveryCount: 1 };

/** A fact without deliveries is about all of them. */
const deliveriesAmong = (named: readonly number[], deliveryCount: number) => ({
  deliveries: named.length > 0 ? named : deliveriesIn(0n, deliveryCount),
  deliveryCount,
});

function partStateOf(message: FactMessage<PartFactName>): PartState {
  if (isPartFact(message, "requested")) return "requested";
  if (isPartFact(message, "failed")) return "failed";
  return message.fact.reused ? "reused" : "made";
}

function noteSoundsUsed({ soundsUsed }: BatchRecords, request: PartRequested, time: Date): void {
  for (const hash of decodedSoundsIn(request)) {
    const known = soundsUsed.get(hash);
    if (!known || known < time) soundsUsed.set(hash, time);
  }
}

/** When the last of a combination's parts was ready, as far as reported in this batch. */
function readyAt({ parts }: BatchRecords, combination: Combination): Date | undefined {
  const used = partsIn([{ case: "join", combination }]);
  const last = Math.max(0, ...used.map(({ kind, hash }) => parts[kind].get(hash)?.endedAt?.getTime() ?? 0));
  return last > 0 ? new Date(last) : undefined;
}
