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
  /** By number; undefined if no fact mentioned it yet. */
  readonly deliveries: (DeliveryState | undefined)[];
  metadata: Readonly<Record<string, string>>;
  traceId: string;
}

/** What is known of a delivery of a combination: its newest attempt. */
export interface DeliveryState {
  /** From 1. */
  attempt: number;
  /** The furthest step of the attempt. */
  step: CombinationStep;
  /** Positions of the newest plan and layout in the stream, which name its parts; 0 until there is one. */
  plannedSequence: number;
  renderedSequence: number;
  times: AttemptTimes;
  /** Empty for a virtual output. */
  path: string;
  /** Address for people; empty if its destination has none. */
  location: string;
  urlPath: string;
  /** Beside the video, in facts of releases with one output per batch. */
  picturePaths: readonly string[];
  certificate: Certificate | undefined;
  failure: Failure | undefined;
  /** Empty if none was given. */
  rejectionReason: string;
}

/** Times of an attempt's steps; undefined if a step was not reached. */
export interface AttemptTimes {
  readonly planned?: Date | undefined;
  /** The last of its parts was ready. */
  readonly ready?: Date | undefined;
  readonly rendered?: Date | undefined;
  /** Delivered, rejected or failed. */
  readonly ended?: Date | undefined;
}

/** What is known of a part that a batch requested. */
export interface PartRecord {
  state: PartState;
  requestedAt: Date | undefined;
  /** Made, found in the store, or failed. */
  endedAt: Date | undefined;
}

/** An attempt at a delivery that was superseded. */
export interface EarlierAttempt {
  readonly combinationId: string;
  readonly delivery: number;
  readonly attempt: number;
  readonly step: CombinationStep;
  readonly endedAt: Date | undefined;
  readonly failure?: Failure | undefined;
}

/** A file that was written to a destination, by whichever attempt. */
export interface DeliveryRecord {
  readonly combinationId: string;
  readonly delivery: number;
  readonly attempt: number;
  readonly path: string;
  readonly picturePaths: readonly string[];
  readonly sizeBytes: number;
  readonly time: Date;
}

/** Number of known parts of a kind, by state. */
export type PartTally = Record<PartState, number>;

export interface CombinationTally {
  /** Number of combinations by step. */
  readonly inStep: Record<CombinationStep, number>;
  /** Number of combinations that were ever rendered. */
  laidOut: number;
}

/** What is known of a batch, from its facts alone. */
export interface BatchRecord {
  readonly id: string;
  submitted: BatchSubmitted | undefined;
  /** Position of its submission: facts of another generation belong to an earlier batch with this id. */
  generation: number | undefined;
  planned: BatchPlanned | undefined;
  cancelled: boolean;
  /** Position of its effective cancellation; others came too late. */
  cancelledSequence: number | undefined;
  /** It is being removed. */
  deleting: boolean;
  /** The newest resumed run; 1: the submission. */
  run: number;
  /** When that one was requested, in milliseconds since 1970; undefined for the submission. */
  runBeganMs: number | undefined;
  /** SHA-256 of the specification from that run on; empty: as submitted. */
  resumedSpecSha256: string;
  /** Resumed runs that are published completely. */
  readonly requeuedRuns: Set<number>;
  /** The newest finished run; 0: none. */
  finishedRun: number;
  /** When that was, and its position in the stream: nothing follows it for watching clients, unless it is resumed. */
  finishedAt: Date | undefined;
  finishedSequence: number | undefined;
  /** W3C traceparent of the submission. */
  traceparent: string;
  readonly parts: Record<RequestedKind, PartTally>;
  readonly combinations: CombinationTally;
  /** Number of deliveries by their final step, or waiting for approval, by the newest attempt at each. */
  readonly deliveries: Record<CountedStep, number>;
}

/** Steps that deliveries are counted by. */
export type CountedStep = Exclude<CombinationStep, "planned" | "rendered">;

/**
 * A batch with its combinations and parts: all of them, or at least those that the facts to be applied are about.
 * Earlier attempts, deliveries and ends are only appended.
 */
export interface BatchRecords {
  readonly batch: BatchRecord;
  readonly combinations: Map<string, CombinationRecord>;
  readonly parts: Record<RequestedKind, Map<string, PartRecord>>;
  readonly earlier: Map<string, EarlierAttempt>;
  readonly deliveries: Map<string, DeliveryRecord>;
  /** Combinations by the quarter of an hour of their end; if only some combinations are loaded, the changes. */
  readonly ended: Map<number, Ended>;
  /** When the batch last requested a soundtrack of a decoded sound, by its hash; where only some are at hand, of the facts. */
  readonly soundsUsed: Map<string, Date>;
  /** One object per choice, shared by all combinations with it. */
  readonly chosen: Map<string, Chosen>;
}

/** Key of an attempt at a delivery within a batch. */
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
  runBeganMs: undefined,
  resumedSpecSha256: "",
  requeuedRuns: new Set(),
  finishedRun: 0,
  finishedAt: undefined,
  finishedSequence: undefined,
  traceparent: "",
  parts: perKind(newPartTally),
  combinations: { inStep: newStepCounts(), laidOut: 0 },
  deliveries: newCounts(),
});

export const newBatchRecords = (id: string): BatchRecords => withoutDetails(newBatchRecord(id));

/** A batch without loaded combinations and parts. */
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

export const newStepCounts = (): Record<CombinationStep, number> => ({ planned: 0, rendered: 0, ...newCounts() });

export const newPartTally = (): PartTally => ({ requested: 0, failed: 0, reused: 0, made: 0 });

/** Parts that were requested, but are not made, found or failed yet. */
export const partsAwaited = ({ parts }: BatchRecord): number =>
  requestedKinds.reduce((sum, kind) => sum + parts[kind].requested, 0);
