import { timestampDate } from "@bufbuild/protobuf/wkt";
import { isPartFact, kindOfFact } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";
import { apply } from "../read-model/apply.js";
import type { BatchRecord, BatchRecords, CombinationRecord, CombinationStep } from "../read-model/batch-record.js";
import { stepOf } from "../read-model/combination-state.js";
import { isFinished } from "../read-model/status.js";
import { dayOf } from "./calendar.js";
import type { Amounts, UsageTally } from "./usage-tally.js";

/**
 * Applies a fact, and adds what was used by it to what the batch has used, and to a tally of its tenant. A repeated fact changes no record, and is not counted
 * again: what is counted are changes of records. Undefined: the fact was counted before.
 */
export function applyCounting(records: BatchRecords, message: FactMessage, tally: UsageTally | undefined): void {
  const before = snapshotOf(records, message);
  apply(records, message);
  const { submitted, spent } = records.batch;
  const used = usedBy(records, message, before);
  const { deliveredBytes = 0, encodeSeconds = 0 } = used.onItsDay ?? {};
  if (deliveredBytes > 0 || (encodeSeconds > 0 && !before.isMade)) {
    records.batch.spent = {
      deliveredBytes: spent.deliveredBytes + deliveredBytes,
      encodeSeconds: spent.encodeSeconds + encodeSeconds,
    };
  }
  if (!tally || !submitted) return;
  if (used.onItsDay) tally.add(submitted.tenant, dayOf(message.time), used.onItsDay);
  if (used.ofTheRun) tally.add(submitted.tenant, dayOfRun(records.batch, message), { combinations: used.ofTheRun });
}

/** What the fact is about, before it is applied. */
interface Snapshot {
  readonly isKnown: boolean;
  readonly run: number;
  readonly isOver: boolean;
  readonly pending: number;
  readonly step: CombinationStep | undefined;
  /** The part was made for this batch. */
  readonly isMade: boolean;
  readonly delivery: { readonly attempt: number; readonly step: CombinationStep } | undefined;
}

function snapshotOf({ batch, combinations, parts }: BatchRecords, message: FactMessage): Snapshot {
  const record = combinationOf(combinations, message);
  const delivery = message.name === "combination.delivered" ? record?.deliveries[message.fact.delivery] : undefined;
  return {
    isKnown: message.name === "batch.submitted" && batch.generation === message.sequence,
    run: batch.run,
    isOver: batch.cancelled || isFinished(batch),
    pending: pendingIn(batch),
    step: record && stepOf(record),
    isMade: isPartFact(message, "ready") && parts[kindOfFact(message.name)].get(message.fact.hash)?.state === "made",
    delivery: delivery && { attempt: delivery.attempt, step: delivery.step },
  };
}

interface Used {
  readonly onItsDay?: Partial<Amounts>;
  /** Combinations accepted or given back, on the day when the run began. */
  readonly ofTheRun?: number;
}

function usedBy({ batch, combinations }: BatchRecords, message: FactMessage, before: Snapshot): Used {
  // Speech is counted in characters.
  if (isPartFact(message, "ready") && message.name !== "voice.ready") {
    // Making is reported once: whatever repeats the report finds the part, and took nothing.
    return { onItsDay: { encodeSeconds: message.fact.reused ? 0 : message.fact.encodeSeconds } };
  }
  switch (message.name) {
    case "batch.submitted":
      if (before.isKnown) return {};
      return { onItsDay: { batches: 1 }, ofTheRun: Number(message.fact.combinations) };
    case "batch.resumed":
      // A decision continues what was accepted.
      if (message.fact.run <= before.run || message.fact.rework?.decision) return {};
      return { ofTheRun: Number(message.fact.combinations) };
    case "batch.cancelled":
      return before.isOver ? {} : { ofTheRun: -before.pending };
    case "combination.delivered":
    case "combination.failed": {
      const record = combinationOf(combinations, message);
      const step = record && stepOf(record);
      const bytes = message.name === "combination.delivered" ? newBytes(message, before) : 0;
      if (step === before.step || step === undefined) return { onItsDay: { deliveredBytes: bytes } };
      // The cancellation has given back what was not delivered.
      const returned = batch.cancelled ? { delivered: 1, failed: 0 } : { delivered: 0, failed: -1 };
      if (step === "delivered") {
        return { onItsDay: { delivered: 1, deliveredBytes: bytes }, ofTheRun: returned.delivered };
      }
      if (step === "failed") return { onItsDay: { failed: 1, deliveredBytes: bytes }, ofTheRun: returned.failed };
      return { onItsDay: { deliveredBytes: bytes } };
    }
    default:
      return {};
  }
}

function combinationOf(
  combinations: ReadonlyMap<string, CombinationRecord>,
  message: FactMessage,
): CombinationRecord | undefined {
  const isEnd = message.name === "combination.delivered" || message.name === "combination.failed";
  return isEnd ? combinations.get(message.fact.combinationId) : undefined;
}

/** Bytes of a file that this attempt had not delivered yet. What a superseded attempt wrote last is not counted. */
function newBytes({ fact }: FactMessage<"combination.delivered">, { delivery }: Snapshot): number {
  const attempt = Math.max(1, fact.attempt);
  const isNew =
    !delivery || attempt > delivery.attempt || (attempt === delivery.attempt && delivery.step !== "delivered");
  return isNew && fact.path !== "" ? Number(fact.certificate?.sizeBytes ?? 0n) : 0;
}

/** Combinations that have not ended, also those that were not planned yet. */
function pendingIn({ submitted, combinations: { inStep } }: BatchRecord): number {
  const known = Object.values(inStep).reduce((sum, count) => sum + count, 0);
  return inStep.planned + inStep.rendered + Math.max(0, Number(submitted?.combinations ?? 0n) - known);
}

/** The day on which the newest run began: what it gives back is free again on that day. */
function dayOfRun({ runBeganMs, submitted }: BatchRecord, { time }: FactMessage): string {
  if (runBeganMs !== undefined) return dayOf(new Date(runBeganMs));
  return dayOf(submitted?.time ? timestampDate(submitted.time) : time);
}
