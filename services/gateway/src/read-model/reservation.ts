import { type BatchUse, useIn } from "../usage/batch-use.js";
import type { BatchRecord } from "./batch-record.js";
import { isFinished } from "./status.js";

/** What the newest run with a reservation may use until it ends. */
export interface ReservedUse {
  readonly run: number;
  /** Of everything that its batch uses since its submission. */
  readonly upTo: BatchUse;
}

/** What the facts of a batch report as used. */
export type SpentUse = Pick<BatchUse, "deliveredBytes" | "encodeSeconds">;

/** What a batch has reserved of its tenant's quotas. */
export interface KnownReservation {
  readonly batchId: string;
  readonly tenant: string;
  readonly upTo: BatchUse;
  readonly spent: SpentUse;
  /** The end of its run; undefined while more can happen. */
  readonly endedAt: Date | undefined;
}

/** Applies what a submission or a run reserves: the newest run that states it counts. */
export function reserve(batch: BatchRecord, run: number, reserved: Parameters<typeof useIn>[0] | undefined): void {
  if (!reserved || run <= (batch.reserved?.run ?? 0)) return;
  batch.reserved = { run, upTo: useIn(reserved) };
}

/** Undefined if it has none, or ended before `since`. */
export function knownReservation(batch: BatchRecord, since: Date): KnownReservation | undefined {
  const { id, reserved, spent, submitted, deleting, finishedRun, finishedAt } = batch;
  if (!reserved || !submitted || deleting) return undefined;
  const endedAt = isFinished(batch) || finishedRun >= reserved.run ? finishedAt : undefined;
  if (endedAt && endedAt <= since) return undefined;
  return { batchId: id, tenant: submitted.tenant, upTo: reserved.upTo, spent, endedAt };
}
