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
export interface DeliveriesReport {
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
  readonly location?: string;
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
export function applyToCombination(records: BatchRecords, report: DeliveriesReport): void {
  const record = records.combinations.get(report.id);
  if (record) {
    countEnd(records, record, -1);
    records.batch.combinations.inStep[stepOf(record)]--;
  }
  const changed = record ?? add(records, report);
  change(records, changed, report);
  countEnd(records, changed, 1);
  records.batch.combinations.inStep[stepOf(changed)]++;
}

function change(records: BatchRecords, record: CombinationRecord, report: DeliveriesReport): void {
  const isFirstLayout = isLayout(report) && !record.deliveries.some((one) => one && one.renderedSequence > 0);
  if (isFirstLayout) records.batch.combinations.laidOut++;
  const count = Math.max(report.deliveryCount, ...report.deliveries.map((number) => number + 1));
  while (record.deliveries.length < count) record.deliveries.push(undefined);
  if (report.metadata) record.metadata = report.metadata;
  if (report.traceId) record.traceId = report.traceId;
  for (const number of report.deliveries) {
    const delivery = record.deliveries[number];
    if (delivery) countDelivery(records, delivery, -1);
    const changed = delivery ?? newDelivery();
    record.deliveries[number] = changed;
    changeDelivery(records, changed, number, report);
    countDelivery(records, changed, 1);
  }
}

function changeDelivery(
  records: BatchRecords,
  delivery: DeliveryState,
  number: number,
  report: DeliveriesReport,
): void {
  if (report.step === "planned") delivery.plannedSequence = Math.max(delivery.plannedSequence, report.sequence);
  if (isLayout(report)) delivery.renderedSequence = Math.max(delivery.renderedSequence, report.sequence);
  if (report.step === "delivered" && report.path) remember(records, report, number, report.path);
  const about = { combinationId: report.id, delivery: number };
  if (report.attempt < delivery.attempt) {
    putAside(records, { ...report, ...about, endedAt: endOf(report) });
    return;
  }
  const isNewer = report.attempt > delivery.attempt;
  if (isNewer && delivery.attempt > 0) putAside(records, { ...delivery, ...about, endedAt: delivery.times.ended });
  delivery.times = isNewer ? timesAfter({}, report) : timesAfter(delivery.times, report);
  if (!isNewer && STEP_RANK[report.step] <= STEP_RANK[delivery.step]) return;
  delivery.attempt = report.attempt;
  delivery.step = report.step;
  delivery.path = report.path ?? "";
  delivery.location = report.location ?? "";
  delivery.urlPath = report.urlPath ?? "";
  delivery.picturePaths = report.picturePaths ?? NONE;
  delivery.certificate = report.certificate;
  delivery.failure = report.failure;
  delivery.rejectionReason = report.rejectionReason ?? "";
}

const isLayout = ({ step }: DeliveriesReport): boolean => step === "rendered" || step === "awaiting";

const NONE: readonly string[] = [];

function add({ combinations, chosen }: BatchRecords, { id, ordinal, choices }: DeliveriesReport): CombinationRecord {
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
  location: "",
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

function remember({ deliveries }: BatchRecords, report: DeliveriesReport, delivery: number, path: string): void {
  const key = attemptKey(report.id, delivery, report.attempt);
  const { id: combinationId, attempt, picturePaths = [], certificate, time } = report;
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

const endOf = ({ step, time }: DeliveriesReport): Date | undefined => (isEnded(step) ? time : undefined);

/** The first report counts. */
function timesAfter(known: AttemptTimes, report: DeliveriesReport): AttemptTimes {
  return {
    planned: known.planned ?? (report.step === "planned" ? report.time : undefined),
    ready: known.ready ?? report.partsReadyAt,
    rendered: known.rendered ?? (isLayout(report) ? report.time : undefined),
    ended: known.ended ?? endOf(report),
  };
}
