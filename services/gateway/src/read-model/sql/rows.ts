import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import {
  BatchPlannedSchema,
  BatchSubmittedSchema,
  type Chosen,
  CombinationStatusSchema,
  FailureSchema,
} from "@polyreel/contract";
import type { Selectable } from "kysely";
import type {
  BatchRecord,
  CombinationRecord,
  DeliveryRecord,
  EarlierAttempt,
  PartKind,
  PartRecord,
  PartState,
} from "../batch-record.js";
import { isFinished, isUnfinished, stateOf } from "../status.js";
import { steps } from "./steps.js";
import type { BatchesTable, CombinationsTable, PartsTable } from "./tables.js";

/** What the tables' numbers stand for. Only ever added to. */
export const partStates: readonly PartState[] = ["requested", "failed", "reused", "made"];

interface Tally
  extends Pick<
    BatchRecord,
    "parts" | "combinations" | "run" | "finishedRun" | "cancelledSequence" | "generation" | "deleting"
  > {
  readonly requeuedRuns: readonly number[];
}

export function batchRecord(row: Selectable<BatchesTable>): BatchRecord {
  const { requeuedRuns, generation, deleting = false, ...tally } = row.tally as Tally;
  return {
    id: row.id,
    submitted: row.submitted ? fromBinary(BatchSubmittedSchema, row.submitted) : undefined,
    planned: row.planned ? fromBinary(BatchPlannedSchema, row.planned) : undefined,
    cancelled: row.cancelled,
    finishedAt: row.finished_at ?? undefined,
    finishedSequence: row.finished_sequence ?? undefined,
    traceparent: row.traceparent,
    requeuedRuns: new Set(requeuedRuns),
    generation, // rows of earlier releases have none
    deleting,
    ...tally,
  };
}

/** As JSON that the database reads rows from: bytes in base64. */
export const batchRow = (batch: BatchRecord): object => ({
  id: batch.id,
  tenant: batch.submitted?.tenant ?? "",
  name: plain(batch.submitted?.name ?? ""),
  state: stateOf(batch),
  submitted_at: batch.submitted ? submittedAt(batch.submitted) : null,
  unfinished: isUnfinished(batch),
  cancelled: batch.cancelled,
  finished_at: batch.finishedAt ?? null,
  finished_sequence: batch.finishedSequence ?? null,
  shown_finished_at: isFinished(batch) ? (batch.finishedAt ?? null) : null,
  traceparent: batch.traceparent,
  continues: batch.submitted?.continues ?? "",
  submitted: batch.submitted ? base64(toBinary(BatchSubmittedSchema, batch.submitted)) : null,
  planned: batch.planned ? base64(toBinary(BatchPlannedSchema, batch.planned)) : null,
  tally: tallyOf(batch),
});

const tallyOf = (batch: BatchRecord): Tally => ({
  parts: batch.parts,
  combinations: batch.combinations,
  run: batch.run,
  finishedRun: batch.finishedRun,
  cancelledSequence: batch.cancelledSequence,
  generation: batch.generation,
  deleting: batch.deleting,
  requeuedRuns: [...batch.requeuedRuns].sort((a, b) => a - b),
});

const submittedAt = ({ time }: NonNullable<BatchRecord["submitted"]>): Date =>
  time ? timestampDate(time) : new Date(0);

export function combinationRecord(
  row: Selectable<CombinationsTable>,
  chosen: (number: number) => Chosen,
): CombinationRecord {
  const { path, urlPath, picturePaths, metadata, certificate, failure, traceId } = fromBinary(
    CombinationStatusSchema,
    row.details,
  );
  return {
    id: row.id,
    ordinal: row.ordinal,
    choices: row.choices.map(chosen),
    attempt: row.attempt,
    step: steps[row.step] ?? "planned",
    plannedSequence: row.planned_sequence,
    renderedSequence: row.rendered_sequence,
    times: {
      planned: row.planned_at ?? undefined,
      ready: row.ready_at ?? undefined,
      rendered: row.rendered_at ?? undefined,
      ended: row.ended_at ?? undefined,
    },
    path,
    urlPath,
    picturePaths,
    metadata,
    certificate,
    failure,
    traceId,
  };
}

export function combinationRow(batchId: string, record: CombinationRecord, choices: readonly number[]): object {
  const { path, urlPath, picturePaths, metadata, certificate, failure, traceId, times } = record;
  const details = create(CombinationStatusSchema, {
    path,
    urlPath,
    picturePaths: [...picturePaths],
    metadata: { ...metadata },
    ...(certificate && { certificate }),
    ...(failure && { failure }),
    traceId,
  });
  return {
    batch_id: batchId,
    id: record.id,
    ordinal: record.ordinal,
    choices,
    attempt: record.attempt,
    step: steps.indexOf(record.step),
    planned_sequence: record.plannedSequence,
    rendered_sequence: record.renderedSequence,
    planned_at: times.planned,
    ready_at: times.ready,
    rendered_at: times.rendered,
    ended_at: times.ended,
    duration_seconds: record.step === "delivered" ? (certificate?.videoSeconds ?? 0) : undefined,
    size_bytes: record.step === "delivered" ? Number(certificate?.sizeBytes ?? 0n) : undefined,
    failure_code: record.step === "failed" ? (failure?.code ?? 0) : undefined,
    details: base64(toBinary(CombinationStatusSchema, details)),
  };
}

export const partRecord = (row: Pick<Selectable<PartsTable>, "state" | "requested_at" | "ended_at">): PartRecord => ({
  state: partStates[row.state] ?? "requested",
  requestedAt: row.requested_at ?? undefined,
  endedAt: row.ended_at ?? undefined,
});

export const partRow = (batchId: string, kind: PartKind, hash: string, record: PartRecord): object => ({
  batch_id: batchId,
  kind,
  hash,
  state: partStates.indexOf(record.state),
  requested_at: record.requestedAt,
  ended_at: record.endedAt,
});

export const attemptRow = (batchId: string, one: EarlierAttempt): object => ({
  batch_id: batchId,
  combination_id: one.combinationId,
  attempt: one.attempt,
  step: steps.indexOf(one.step),
  ended_at: one.endedAt,
  failure: one.failure ? base64(toBinary(FailureSchema, one.failure)) : null,
});

export const deliveryRow = (batchId: string, one: DeliveryRecord): object => ({
  batch_id: batchId,
  combination_id: one.combinationId,
  attempt: one.attempt,
  path: plain(one.path),
  picture_paths: one.picturePaths.map(plain),
  size_bytes: one.sizeBytes,
  delivered_at: one.time,
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** PostgreSQL's text holds every character but this one. */
export const plain = (text: string): string => text.replaceAll("\0", "");

/** Whether it is text that the database could hold: asked for any other, it fails. */
export const isStorable = (text: string): boolean => plain(text) === text;
