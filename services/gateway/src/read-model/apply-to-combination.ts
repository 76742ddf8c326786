import type { Certificate, Chosen, Failure } from "@polyreel/contract";
import {
  type AttemptTimes,
  attemptKey,
  type BatchRecords,
  type CombinationRecord,
  type CombinationStep,
  type DeliveryState,
  type EarlierAttempt,
} from "./batch-record.js";
import { isEnded, stepOf, timesOf } from "./combination-state.js";
import { timeBucketOf } from "./time-buckets.js";

/** Ranks of a delivery's steps in one attempt. Delivered outranks failed and rejected: the file exists. */
export const STEP_RANK: Record<CombinationStep, number> = {
  planned: 0,
  rendered: 1,
  awaiting: 2,
  failed: 3,
  rejected: 4,
  delivered: 5,
};

/** Content of a fact about some deliveries of a combination. */
export interface Said {
  readonly id: string;
  readonly ordinal: bigint;
  readonly choices: readonly Chosen[];
  /** Numbers of its deliveries, and the combination's total. */
  readonly deliveries: readonly number[];
  readonly deliveryCount: number;
  readonly attempt: number;
  readonly step: CombinationStep;
  /** Position of the fact in the stream. */
  readonly sequence: number;
  readonly time: Date;
  /** When the last of its parts was ready, if the fact is its layout. */
  readonly partsReadyAt?: Date | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly urlPath?: string;
  readonly picturePaths?: readonly string[];
  readonly certificate?: Certificate | undefined;
  readonly failure?: Failure | undefined;
  readonly rejectionReason?: string;
  readonly traceId: string;
}

/**
 * For each delivery the newest attempt counts, and its furthest step: independent of the order of facts, and
 * idempotent.
 */
export function applyToCombination(records: BatchRecords, said: Said): void {
  const record = records.combinations.get(said.id);
  if (record) {
    countEnd(records, record, -1);
    records.batch.combinations.inStep[stepOf(record)]--;
  }
  const changed = record ?? add(records, said);
  change(records, changed, said);
  countEnd(records, changed, 1);
  records.batch.combinations.inStep[stepOf(changed)]++;
}

function change(records: BatchRecords, record: CombinationRecord, said: Said): void {
  const isFirstLayout = isLayout(said) && !record.deliveries.some((one) => one && one.renderedSequence > 0);
  if (isFirstLayout) records.batch.combinations.laidOut++;
  const count = Math.max(said.deliveryCount, ...said.deliveries.map((number) => number + 1));
  while (record.deliveries.length < count) record.deliveries.push(undefined);
  if (said.metadata) record.metadata = said.metadata;
  if (said.traceId) record.traceId = said.traceId;
  for (const number of said.deliveries) {
    const delivery = record.deliveries[number];
    if (delivery) countDelivery(records, delivery, -1);
    const changed = delivery ?? newDelivery();
    record.deliveries[number] = changed;
    changeDelivery(records, changed, number, said);
    countDelivery(records, changed, 1);
  }
}

function changeDelivery(records: BatchRecords, delivery: DeliveryState, number: number, said: Said): void {
  if (said.step === "planned") delivery.plannedSequence = Math.max(delivery.plannedSequence, said.sequence);
  if (isLayout(said)) delivery.renderedSequence = Math.max(delivery.renderedSequence, said.sequence);
  if (said.step === "delivered" && said.path) remember(records, said, number, said.path);
  const about = { combinationId: said.id, delivery: number };
  if (said.attempt < delivery.attempt) {
    putAside(records, { ...said, ...about, endedAt: endOf(said) });
    return;
  }
  const isNewer = said.attempt > delivery.attempt;
  if (isNewer && delivery.attempt > 0) putAside(records, { ...delivery, ...about, endedAt: delivery.times.ended });
  delivery.times = isNewer ? timesAfter({}, said) : timesAfter(delivery.times, said);
  if (!isNewer && STEP_RANK[said.step] <= STEP_RANK[delivery.step]) return;
  delivery.attempt = said.attempt;
  delivery.step = said.step;
  delivery.path = said.path ?? "";
  delivery.urlPath = said.urlPath ?? "";
  delivery.picturePaths = said.picturePaths ?? NONE;
  delivery.certificate = said.certificate;
  delivery.failure = said.failure;
  delivery.rejectionReason = said.rejectionReason ?? "";
}

const isLayout = ({ step }: Said): boolean => step === "rendered" || step === "awaiting";

const NONE: readonly string[] = [];

function add({ combinations, chosen }: BatchRecords, { id, ordinal, choices }: Said): CombinationRecord {
  const record: CombinationRecord = {
    id,
    ordinal: Number(ordinal),
    choices: choices.map((one) => shared(chosen, one)),
    deliveries: [],
    metadata: {},
    traceId: "",
  };
  combinations.set(id, record);
  return record;
}

const newDelivery = (): DeliveryState => ({
  attempt: 0,
  step: "planned",
  plannedSequence: 0,
  renderedSequence: 0,
  times: {},
  path: "",
  urlPath: "",
  picturePaths: NONE,
  certificate: undefined,
  failure: undefined,
  rejectionReason: "",
});

/** A million combinations of ten choices each share ten objects, instead of ten million. */
function shared(all: Map<string, Chosen>, one: Chosen): Chosen {
  const key = `${one.block}\0${one.choice}`;
  const known = all.get(key);
  if (known) return known;
  all.set(key, one);
  return one;
}

function putAside({ earlier }: BatchRecords, one: EarlierAttempt): void {
  const { combinationId, delivery, attempt, step, endedAt, failure } = one;
  const key = attemptKey(combinationId, delivery, attempt);
  const known = earlier.get(key);
  if (known && STEP_RANK[known.step] >= STEP_RANK[step]) return;
  earlier.set(key, { combinationId, delivery, attempt, step, endedAt, failure });
}

function remember({ deliveries }: BatchRecords, said: Said, delivery: number, path: string): void {
  const key = attemptKey(said.id, delivery, said.attempt);
  const { id: combinationId, attempt, picturePaths = [], certificate, time } = said;
  const sizeBytes = Number(certificate?.sizeBytes ?? 0n);
  if (!deliveries.has(key))
    deliveries.set(key, { combinationId, delivery, attempt, path, picturePaths, sizeBytes, time });
}

function countDelivery({ batch }: BatchRecords, { step }: DeliveryState, by: 1 | -1): void {
  if (step !== "planned" && step !== "rendered") batch.deliveries[step] += by;
}

/** An empty quarter of an hour is removed, so that the result does not depend on the order. */
function countEnd({ ended }: BatchRecords, record: CombinationRecord, by: 1 | -1): void {
  const step = stepOf(record);
  if (step !== "delivered" && step !== "failed") return;
  const { ended: endedAt } = timesOf(record);
  if (!endedAt) return;
  const quarter = timeBucketOf(endedAt);
  const count = ended.get(quarter) ?? { delivered: 0, failed: 0 };
  count[step] += by;
  if (count.delivered === 0 && count.failed === 0) ended.delete(quarter);
  else ended.set(quarter, count);
}

const endOf = ({ step, time }: Said): Date | undefined => (isEnded(step) ? time : undefined);

/** The first report counts. */
function timesAfter(known: AttemptTimes, said: Said): AttemptTimes {
  return {
    planned: known.planned ?? (said.step === "planned" ? said.time : undefined),
    ready: known.ready ?? said.partsReadyAt,
    rendered: known.rendered ?? (isLayout(said) ? said.time : undefined),
    ended: known.ended ?? endOf(said),
  };
}
