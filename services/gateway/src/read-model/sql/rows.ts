import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import {
  BatchPlannedSchema,
  BatchSubmittedSchema,
  type Chosen,
  CombinationStatusSchema,
  certificateOf,
  DeliveryStatusSchema,
  durationSecondsOf,
  FailureSchema,
  perKind,
  type RequestedKind,
} from "@polyreel/contract";
import type { Selectable } from "kysely";
import {
  type BatchRecord,
  type CombinationRecord,
  type DeliveryRecord,
  type DeliveryState,
  type EarlierAttempt,
  NOTHING_SPENT,
  newPartTally,
  type PartRecord,
  type PartState,
} from "../batch-record.js";
import { attemptOf, stepOf, timesOf } from "../combination-state.js";
import { combinationStatus, isFinished, isUnfinished, stateOf } from "../status.js";
import { causeMarks } from "./cause-marks.js";
import { failureMarks } from "./failure-marks.js";
import { steps } from "./steps.js";
import type { BatchesTable, CombinationsTable, PartsTable } from "./tables.js";

/** Meanings of stored numbers. Append only. */
const partStates: readonly PartState[] = ["requested", "failed", "reused", "made"];

interface Tally
  extends Pick<
    BatchRecord,
    | "parts"
    | "combinations"
    | "deliveries"
    | "run"
    | "runBeganMs"
    | "resumedSpecSha256"
    | "finishedRun"
    | "cancelledSequence"
    | "generation"
    | "deleting"
    | "reserved"
    | "spent"
  > {
  readonly requeuedRuns: readonly number[];
}

export function batchRecord(row: Selectable<BatchesTable>): BatchRecord {
  const {
    requeuedRuns,
    generation,
    runBeganMs,
    resumedSpecSha256 = "",
    deleting = false,
    spent = NOTHING_SPENT,
    parts,
    ...tally
  } = row.tally as Tally;
  return {
    id: row.id,
    submitted: row.submitted ? fromBinary(BatchSubmittedSchema, row.submitted) : undefined,
    planned: row.planned ? fromBinary(BatchPlannedSchema, row.planned) : undefined,
    cancelled: row.cancelled,
    finishedAt: row.finished_at ?? undefined,
    finishedSequence: row.finished_sequence ?? undefined,
    traceparent: row.traceparent,
    requeuedRuns: new Set(requeuedRuns),
    generation, // Rows of earlier releases have none.
    runBeganMs, // Nor this.
    resumedSpecSha256,
    deleting,
    spent,
    ...tally,
    parts: perKind((kind) => parts[kind] ?? newPartTally()), // rows of earlier releases lack later kinds
  };
}

/** As JSON for the database to read rows from: bytes in base64. */
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
  deliveries: batch.deliveries,
  run: batch.run,
  runBeganMs: batch.runBeganMs,
  resumedSpecSha256: batch.resumedSpecSha256,
  finishedRun: batch.finishedRun,
  cancelledSequence: batch.cancelledSequence,
  generation: batch.generation,
  deleting: batch.deleting,
  reserved: batch.reserved,
  spent: batch.spent,
  requeuedRuns: [...batch.requeuedRuns].sort((a, b) => a - b),
});

const submittedAt = ({ time }: NonNullable<BatchRecord["submitted"]>): Date =>
  time ? timestampDate(time) : new Date(0);

export function combinationRecord(
  row: Selectable<CombinationsTable>,
  chosen: (number: number) => Chosen,
): CombinationRecord {
  const { metadata, traceId } = fromBinary(CombinationStatusSchema, row.details);
  const kept = row.deliveries as readonly (KeptDelivery | null)[] | null;
  return {
    id: row.id,
    ordinal: row.ordinal,
    choices: row.choices.map(chosen),
    deliveries: kept ? kept.map((delivery) => (delivery ? keptDelivery(delivery) : undefined)) : [onlyDelivery(row)],
    metadata,
    traceId,
  };
}

export function combinationRow(batchId: string, record: CombinationRecord, choices: readonly number[]): object {
  const [step, times] = [stepOf(record), timesOf(record)];
  const { path, location, urlPath, picturePaths, metadata, certificate, failure, rejectionReason, traceId } =
    combinationStatus(record);
  const ofOnly =
    record.deliveries.length === 1
      ? {
          path,
          location,
          urlPath,
          picturePaths,
          rejectionReason,
          ...(certificate && { certificate }),
          ...(failure && { failure }),
        }
      : {};
  return {
    batch_id: batchId,
    id: record.id,
    ordinal: record.ordinal,
    choices,
    attempt: attemptOf(record),
    step: steps.indexOf(step),
    planned_sequence: Math.max(0, ...record.deliveries.map((one) => one?.plannedSequence ?? 0)),
    rendered_sequence: Math.max(0, ...record.deliveries.map((one) => one?.renderedSequence ?? 0)),
    planned_at: times.planned,
    ready_at: times.ready,
    rendered_at: times.rendered,
    ended_at: times.ended,
    duration_seconds: step === "delivered" ? (certificate ? durationSecondsOf(certificate) : 0) : undefined,
    size_bytes: step === "delivered" ? Number(certificate?.sizeBytes ?? 0n) : undefined,
    failures: step === "failed" ? [...failureMarks(record), ...causeMarks(record, choices)] : undefined,
    details: base64(
      toBinary(CombinationStatusSchema, create(CombinationStatusSchema, { metadata, traceId, ...ofOnly })),
    ),
    deliveries: record.deliveries.length === 1 ? null : record.deliveries.map(deliveryJson),
  };
}

/** The single delivery of a combination. */
function onlyDelivery(row: Selectable<CombinationsTable>): DeliveryState {
  const { path, location, urlPath, picturePaths, certificate, failure, rejectionReason } = fromBinary(
    CombinationStatusSchema,
    row.details,
  );
  return {
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
    ...{ path, location, urlPath, picturePaths, failure, rejectionReason },
    certificate: certificate && certificateOf(certificate),
  };
}

/** One of several deliveries in the column `deliveries`. Times in milliseconds. */
interface KeptDelivery
  extends Pick<DeliveryState, "attempt" | "plannedSequence" | "renderedSequence" | "picturePaths"> {
  readonly step: number;
  readonly times: Readonly<Partial<Record<keyof DeliveryState["times"], number>>>;
  /** polyreel.v1.DeliveryStatus: path, address, URL, certificate, failure, reason of a rejection. */
  readonly status: string;
}

function deliveryJson(delivery: DeliveryState | undefined): KeptDelivery | null {
  if (!delivery) return null;
  const { attempt, step, plannedSequence, renderedSequence, times, picturePaths } = delivery;
  const { path, location, urlPath, certificate, failure, rejectionReason } = delivery;
  const known = { path, location, urlPath, rejectionReason };
  const status = { ...known, ...(certificate && { certificate }), ...(failure && { failure }) };
  return {
    ...{ attempt, plannedSequence, renderedSequence, picturePaths: picturePaths.map(plain) },
    step: steps.indexOf(step),
    times: Object.fromEntries(Object.entries(times).flatMap(([name, time]) => (time ? [[name, time.getTime()]] : []))),
    status: base64(toBinary(DeliveryStatusSchema, create(DeliveryStatusSchema, status))),
  };
}

function keptDelivery({ step, times, status, ...kept }: KeptDelivery): DeliveryState {
  const known = fromBinary(DeliveryStatusSchema, Buffer.from(status, "base64"));
  const at = (name: keyof DeliveryState["times"]) => (times[name] === undefined ? undefined : new Date(times[name]));
  return {
    ...kept,
    step: steps[step] ?? "planned",
    times: { planned: at("planned"), ready: at("ready"), rendered: at("rendered"), ended: at("ended") },
    path: known.path,
    location: known.location,
    urlPath: known.urlPath,
    certificate: known.certificate && certificateOf(known.certificate),
    failure: known.failure,
    rejectionReason: known.rejectionReason,
  };
}

export const partRecord = (row: Pick<Selectable<PartsTable>, "state" | "requested_at" | "ended_at">): PartRecord => ({
  state: partStates[row.state] ?? "requested",
  requestedAt: row.requested_at ?? undefined,
  endedAt: row.ended_at ?? undefined,
});

export const partRow = (batchId: string, kind: RequestedKind, hash: string, record: PartRecord): object => ({
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
  delivery: one.delivery,
  attempt: one.attempt,
  step: steps.indexOf(one.step),
  ended_at: one.endedAt,
  failure: one.failure ? base64(toBinary(FailureSchema, one.failure)) : null,
});

export const deliveryRow = (batchId: string, one: DeliveryRecord): object => ({
  batch_id: batchId,
  combination_id: one.combinationId,
  delivery: one.delivery,
  attempt: one.attempt,
  path: plain(one.path),
  picture_paths: one.picturePaths.map(plain),
  size_bytes: one.sizeBytes,
  delivered_at: one.time,
});

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** PostgreSQL's text can contain every character except this one. */
export const plain = (text: string): string => text.replaceAll("\0", "");

/** Whether the database can store the text: a query with any other fails. */
export const isStorable = (text: string): boolean => plain(text) === text;
