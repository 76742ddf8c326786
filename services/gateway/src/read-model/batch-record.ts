import {
  type BatchPlanned,
  type BatchSubmitted,
  type Certificate,
  type Chosen,
  type Failure,
  perKind,
  type RequestedKind,
  requestedKinds,
} from "@polyreel/contract";
import type { Ended } from "./time-buckets.js";

export type PartState = "requested" | "failed" | "reused" | "made";
/** `awaiting`: rendered, and waiting for approval. */
export type CombinationStep = "planned" | "rendered" | "awaiting" | "failed" | "rejected" | "delivered";

/** What is known of a combination. */
export interface CombinationRecord {
  readonly id: string;
  ordinal: number;
  choices: readonly Chosen[];
  /** By number, as many as facts tell of; undefined where nothing was published of one yet. */
  readonly deliveries: (DeliveryState | undefined)[];
  metadata: Readonly<Record<string, string>>;
  traceId: string;
}

/** What is known of a delivery of a combination: the newest attempt that anything was published of. */
export interface DeliveryState {
  /** From 1. */
  attempt: number;
  /** The furthest that the attempt came. */
  step: CombinationStep;
  /** Positions of the newest plan and layout in the stream, where its parts are named; 0 until one is there. */
  plannedSequence: number;
  renderedSequence: number;
  times: AttemptTimes;
  /** Empty for a virtual output. */
  path: string;
  urlPath: string;
  /** Beside the video, in facts of releases with one output a batch. */
  picturePaths: readonly string[];
  certificate: Certificate | undefined;
  failure: Failure | undefined;
  /** Empty where none was stated. */
  rejectionReason: string;
}

/** When an attempt came how far; undefined where it did not yet, or never will. */
export interface AttemptTimes {
  readonly planned?: Date | undefined;
  /** The last of its parts was there. */
  readonly ready?: Date | undefined;
  readonly rendered?: Date | undefined;
  /** Delivered, rejected or failed. */
  readonly ended?: Date | undefined;
}

/** What is known of a part that a batch asked for. */
export interface PartRecord {
  state: PartState;
  requestedAt: Date | undefined;
  /** Made, found there, or failed. */
  endedAt: Date | undefined;
}

/** An attempt at a delivery that a newer one has taken the place of. */
export interface EarlierAttempt {
  readonly combinationId: string;
  readonly delivery: number;
  readonly attempt: number;
  readonly step: CombinationStep;
  readonly endedAt: Date | undefined;
  readonly failure?: Failure | undefined;
}

/** A file that was written to a destination, whichever attempt it was. */
export interface DeliveryRecord {
  readonly combinationId: string;
  readonly delivery: number;
  readonly attempt: number;
  readonly path: string;
  readonly picturePaths: readonly string[];
  readonly sizeBytes: number;
  readonly time: Date;
}

/** How many parts of a kind are known, and in which state. */
export type PartTally = Record<PartState, number>;

export interface CombinationTally {
  /** How many came how far. */
  readonly inStep: Record<CombinationStep, number>;
  /** How many were ever rendered. */
  laidOut: number;
}

/** What is known of a batch, from its facts alone. */
export interface BatchRecord {
  readonly id: string;
  submitted: BatchSubmitted | undefined;
  /** Position of its submission: facts of another generation are an earlier batch's of this id. */
  generation: number | undefined;
  planned: BatchPlanned | undefined;
  cancelled: boolean;
  /** Position of what cancelled it: what else was said of that kind came too late. */
  cancelledSequence: number | undefined;
  /** It is to be removed with all that came of it. */
  deleting: boolean;
  /** The newest run that was resumed; 1: the submission. */
  run: number;
  /** Resumed runs of which all is said again. */
  readonly requeuedRuns: Set<number>;
  /** The newest run that was said to be finished; 0: none. */
  finishedRun: number;
  /** When that was, and its position in the stream: nothing follows it for those who watch, unless it is resumed. */
  finishedAt: Date | undefined;
  finishedSequence: number | undefined;
  /** W3C traceparent of the submission. */
  traceparent: string;
  readonly parts: Record<RequestedKind, PartTally>;
  readonly combinations: CombinationTally;
  /** How many deliveries of combinations ended in which way, or wait for approval, by the newest attempt at each. */
  readonly deliveries: Record<CountedStep, number>;
}

/** Steps that deliveries are counted in. */
export type CountedStep = Exclude<CombinationStep, "planned" | "rendered">;

/**
 * A batch with its combinations and parts: all of them, or at least those that the facts to be taken in are about. What
 * is earlier, delivered and ended is only added to.
 */
export interface BatchRecords {
  readonly batch: BatchRecord;
  readonly combinations: Map<string, CombinationRecord>;
  readonly parts: Record<RequestedKind, Map<string, PartRecord>>;
  readonly earlier: Map<string, EarlierAttempt>;
  readonly deliveries: Map<string, DeliveryRecord>;
  /** How many ended in which quarter of an hour; where only some are at hand, what that changed. */
  readonly ended: Map<number, Ended>;
  /** When the batch last requested a soundtrack of a decoded sound, by its hash; where only some are at hand, of the facts. */
  readonly soundsUsed: Map<string, Date>;
  /** One object for each choice, shared by all combinations that take it. */
  readonly chosen: Map<string, Chosen>;
}

/** By which an attempt at a delivery is found among a batch's. */
export const attemptKey = (combinationId: string, delivery: number, attempt: number): string =>
  `${combinationId} ${delivery} ${attempt}`;

export const newBatchRecord = (id: string): BatchRecord => ({
  id,
  submitted: undefined,
  generation: undefined,
  planned: undefined,
  cancelled: false,
  cancelledSequence: undefined,
  deleting: false,
  run: 1,
  requeuedRuns: new Set(),
  finishedRun: 0,
  finishedAt: undefined,
  finishedSequence: undefined,
  traceparent: "",
  parts: perKind(newPartTally),
  combinations: { inStep: { planned: 0, rendered: 0, ...newCounts() }, laidOut: 0 },
  deliveries: newCounts(),
});

export const newBatchRecords = (id: string): BatchRecords => withoutDetails(newBatchRecord(id));

/** A batch of which no combination and no part is at hand. */
export const withoutDetails = (batch: BatchRecord): BatchRecords => ({
  batch,
  combinations: new Map(),
  parts: perKind(() => new Map()),
  earlier: new Map(),
  deliveries: new Map(),
  ended: new Map(),
  soundsUsed: new Map(),
  chosen: new Map(),
});

const newCounts = (): Record<CountedStep, number> => ({ awaiting: 0, failed: 0, rejected: 0, delivered: 0 });

export const newPartTally = (): PartTally => ({ requested: 0, failed: 0, reused: 0, made: 0 });

/** Parts that were asked for, and neither made, found there nor failed yet. */
export const partsAwaited = ({ parts }: BatchRecord): number =>
  requestedKinds.reduce((sum, kind) => sum + parts[kind].requested, 0);
