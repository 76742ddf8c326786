import type { Certificate, Chosen, Failure } from "@polyreel/contract";
import {
  type AttemptTimes,
  attemptKey,
  type BatchRecords,
  type CombinationRecord,
  type CombinationStep,
  type EarlierAttempt,
} from "./batch-record.js";
import { quarterOf } from "./quarters.js";

/** How far a combination came in one attempt. Delivered beats failed: the file is there. */
export const STEP_RANK: Record<CombinationStep, number> = { planned: 0, rendered: 1, failed: 2, delivered: 3 };

/** What one fact says of a combination. */
export interface Said {
  readonly id: string;
  readonly ordinal: bigint;
  readonly choices: readonly Chosen[];
  readonly attempt: number;
  readonly step: CombinationStep;
  /** Of the fact, in the stream. */
  readonly sequence: number;
  readonly time: Date;
  /** When the last of its parts was there, where the fact is its layout. */
  readonly partsReadyAt?: Date | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly urlPath?: string;
  readonly picturePaths?: readonly string[];
  readonly certificate?: Certificate | undefined;
  readonly failure?: Failure | undefined;
  readonly traceId: string;
}

/** The newest attempt counts, and of it the furthest step: whatever the order the facts come in, and however often. */
export function applyToCombination(records: BatchRecords, said: Said): void {
  const record = records.combinations.get(said.id) ?? add(records, said);
  countEnd(records, record, -1);
  change(records, record, said);
  countEnd(records, record, 1);
}

function change(records: BatchRecords, record: CombinationRecord, said: Said): void {
  const counts = records.batch.combinations;
  if (said.step === "planned") record.plannedSequence = Math.max(record.plannedSequence, said.sequence);
  if (said.step === "rendered") {
    if (record.renderedSequence === 0) counts.laidOut++;
    record.renderedSequence = Math.max(record.renderedSequence, said.sequence);
  }
  if (said.step === "delivered" && said.path) remember(records, said, said.path);
  if (said.metadata) record.metadata = said.metadata;
  if (said.traceId) record.traceId = said.traceId;

  if (said.attempt < record.attempt) {
    putAside(records, { ...said, combinationId: said.id, endedAt: endOf(said) });
    return;
  }
  const newer = said.attempt > record.attempt;
  if (newer && record.attempt > 0)
    putAside(records, { ...record, combinationId: record.id, endedAt: record.times.ended });
  record.times = newer ? timesOf({}, said) : timesOf(record.times, said);
  if (!newer && STEP_RANK[said.step] <= STEP_RANK[record.step]) return;

  if (record.attempt > 0) counts.inStep[record.step]--;
  record.attempt = said.attempt;
  record.step = said.step;
  record.path = said.path ?? "";
  record.urlPath = said.urlPath ?? "";
  record.picturePaths = said.picturePaths ?? [];
  record.certificate = said.certificate;
  record.failure = said.failure;
  counts.inStep[record.step]++;
}

function add({ combinations, chosen }: BatchRecords, { id, ordinal, choices }: Said): CombinationRecord {
  const record: CombinationRecord = {
    id,
    ordinal: Number(ordinal),
    choices: choices.map((one) => shared(chosen, one)),
    attempt: 0,
    step: "planned",
    plannedSequence: 0,
    renderedSequence: 0,
    times: {},
    path: "",
    urlPath: "",
    picturePaths: [],
    metadata: {},
    certificate: undefined,
    failure: undefined,
    traceId: "",
  };
  combinations.set(id, record);
  return record;
}

/** A million combinations of ten choices each hold ten objects, not ten million. */
function shared(all: Map<string, Chosen>, one: Chosen): Chosen {
  const key = `${one.block}\0${one.choice}`;
  const known = all.get(key);
  if (known) return known;
  all.set(key, one);
  return one;
}

function putAside({ earlier }: BatchRecords, { combinationId, attempt, step, endedAt, failure }: EarlierAttempt): void {
  const key = attemptKey(combinationId, attempt);
  const known = earlier.get(key);
  if (known && STEP_RANK[known.step] >= STEP_RANK[step]) return;
  earlier.set(key, { combinationId, attempt, step, endedAt, failure });
}

function remember({ deliveries }: BatchRecords, said: Said, path: string): void {
  const key = attemptKey(said.id, said.attempt);
  const { id: combinationId, attempt, picturePaths = [], certificate, time } = said;
  const sizeBytes = Number(certificate?.sizeBytes ?? 0n);
  if (!deliveries.has(key)) deliveries.set(key, { combinationId, attempt, path, picturePaths, sizeBytes, time });
}

/** A quarter of an hour that nothing ended in after all is let go, so that the result does not depend on the order. */
function countEnd({ ended }: BatchRecords, { step, times }: CombinationRecord, by: 1 | -1): void {
  if (!times.ended || (step !== "delivered" && step !== "failed")) return;
  const quarter = quarterOf(times.ended);
  const count = ended.get(quarter) ?? { delivered: 0, failed: 0 };
  count[step] += by;
  if (count.delivered === 0 && count.failed === 0) ended.delete(quarter);
  else ended.set(quarter, count);
}

const endOf = ({ step, time }: Said): Date | undefined =>
  step === "delivered" || step === "failed" ? time : undefined;

/** What is told twice was so the first time. */
function timesOf(known: AttemptTimes, said: Said): AttemptTimes {
  return {
    planned: known.planned ?? (said.step === "planned" ? said.time : undefined),
    ready: known.ready ?? said.partsReadyAt,
    rendered: known.rendered ?? (said.step === "rendered" ? said.time : undefined),
    ended: known.ended ?? endOf(said),
  };
}
