import type {
  BatchState,
  BatchStatus,
  Chosen,
  CombinationState,
  CombinationStatus,
  Failure,
  FailureCode,
  OutputSummary,
  RequestedKind,
} from "@polyreel/contract";
import type { Scope } from "../call/call.js";
import type { UsageQuery } from "../usage/usage-query.js";
import type { Amounts } from "../usage/usage-tally.js";
import type { BatchChanges } from "./batch-changes.js";
import type { BatchOrder, BatchPosition } from "./batch-order.js";
import type { CombinationStep, PartState } from "./batch-record.js";
import type { CombinationOrder, CombinationPosition } from "./combination-order.js";
import type { FailureCause } from "./failure-cause.js";
import type { NamedBatchesQuery, NamedTally, NamedTallyQuery } from "./named-batches.js";
import type { Presence } from "./presence.js";
import type { KnownReservation, SpentUse } from "./reservation.js";

/** What is known of all batches, from the facts in the stream, in any storage. */
export interface ReadModel extends Known {
  /** Whether it has all facts from before its start. */
  readonly ready: boolean;
  /** Availability of its database, if that can be unavailable. */
  readonly presence?: Presence | undefined;
  /**
   * Resolves when it is ready and has the fact at `sequence`. Throws PolyreelError `unavailable` if that takes too
   * long.
   */
  reached(sequence: number): Promise<void>;
  /** Which batches facts have changed. */
  readonly changes: BatchChanges;
  /** Clears everything and reads the stream again. Resolves when it has everything that the stream had at the beginning. */
  rebuild(signal: AbortSignal): Promise<void>;
  /** Position of the last applied fact, and of the last one that it needs to be ready. */
  readonly progress: { readonly sequence: number; readonly past: number };
}

/** Failed combinations with the same cause. */
export interface KnownFailureGroup {
  readonly cause: FailureCause;
  readonly combinations: number;
  /** The first of them, by ordinal. */
  readonly combinationId: string;
  readonly ordinal: number;
  readonly failure: Failure;
}

export interface KnownFailures {
  /** At most MAX_FAILURE_GROUPS. */
  readonly groups: readonly KnownFailureGroup[];
  /** Number of further groups. */
  readonly omitted: number;
}

export const MAX_FAILURE_GROUPS = 1000;

/** Number of a batch's combinations with a choice, by step. */
export interface ChoiceCount {
  readonly block: string;
  readonly choice: string;
  readonly inStep: Readonly<Record<CombinationStep, number>>;
}

/** Queries. */
export interface Known {
  /** A submitted batch, within the scope. */
  batch(batchId: string, scope: Scope): Promise<KnownBatch | undefined>;
  /** Submitted batches that match. */
  batches(query: BatchesQuery): Promise<KnownBatch[]>;
  /** A page of the batches whose names begin so, newest first. */
  namedBatches(query: NamedBatchesQuery): Promise<KnownBatch[]>;
  /** How many of them there are, by their standing. */
  namedTally(query: NamedTallyQuery): Promise<NamedTally>;
  combination(batchId: string, combinationId: string, scope: Scope): Promise<KnownCombination | undefined>;
  /** A batch's combinations that match. */
  combinations(batchId: string, query: CombinationsQuery): Promise<KnownCombination[]>;
  /** How many combinations match, whatever the query's position and limit. */
  countCombinations(batchId: string, query: CombinationsQuery): Promise<number>;
  /** Position of the combination that is the `count`th of those that match, from 1; undefined if there are fewer. */
  positionOfNth(batchId: string, query: CombinationsQuery, count: number): Promise<CombinationPosition | undefined>;
  /** The failed combinations of a batch by cause, most frequent first; empty outside the scope. */
  failureGroups(batchId: string, scope: Scope): Promise<KnownFailures>;
  /** A batch's combinations by choice and step, in the order in which choices became known; empty outside the scope. */
  choiceCounts(batchId: string, scope: Scope): Promise<ChoiceCount[]>;
  /**
   * States of parts, in their order: the best one reported for this batch, in any attempt. Undefined for those that it
   * did not request.
   */
  partStates(batchId: string, parts: readonly PartName[], scope: Scope): Promise<(PartState | undefined)[]>;
  /** Parts requested by a batch and by no other remaining batch of its tenant, ignoring the batches in `besides`. */
  partsOnlyOf(batchId: string, besides?: readonly string[]): AsyncIterable<PartName>;
  /** All batches that were submitted and are not being deleted, in no particular order. */
  keptBatches(scope: Scope): Promise<KeptBatch[]>;
  /** Ids of the remaining batches that continue this one. */
  continuing(batchId: string): Promise<string[]>;
  /**
   * Bytes of the videos that each of these batches has written; several files written to one path count once, as the
   * largest. Batches without any may be missing.
   */
  deliveredBytes(batchIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** When decoded sounds were used last, by batches that stay, in no order. */
  soundsUsed(): Promise<SoundUse[]>;
  /** Paths below the destination's root where both this batch and another remaining one have written a video. */
  sharedPaths(batchId: string): Promise<string[]>;
  stats(query: StatsQuery): Promise<KnownStats>;
  /**
   * What tenants used in some days; tenants that used nothing may be missing. Neither a rebuild nor the deletion of a batch
   * changes it.
   */
  usage(query: UsageQuery): Promise<ReadonlyMap<string, Amounts>>;
  /** What a tenant's batches have reserved, except those that ended before. */
  reservations(tenant: string, since: Date): Promise<KnownReservation[]>;
}

/** What is known of a batch. */
export interface KnownBatch {
  readonly status: BatchStatus;
  /** SHA-256 of its specification, with sources that retries have found. */
  readonly specSha256: string;
  /** SHA-256 of the specification as it was submitted. */
  readonly submittedSpecSha256: string;
  /** In the order of its specification. */
  readonly outputs: readonly OutputSummary[];
  /** W3C traceparent of the submission. */
  readonly traceparent: string;
  /** The newest resumed run, from 1. */
  readonly run: number;
  /** Position of its submission in the stream; 0 if unknown. */
  readonly generation: number;
  /** Whether all resumed work is published, as far as known here. */
  readonly requeued: boolean;
  /** Nothing more can happen: everything planned and resumed has ended, or it was cancelled. */
  readonly complete: boolean;
  /** Position of its cancellation in the stream. */
  readonly cancelledSequence: number | undefined;
  /** What its facts report as used of its tenant's quotas. */
  readonly spent: SpentUse;
  /** Position of batch.finished in the stream, while finished: nothing follows it for watching clients. */
  readonly finishedSequence: number | undefined;
}

/** What is known of a combination. */
export interface KnownCombination {
  readonly status: CombinationStatus;
  /** The newest attempt, from 1. */
  readonly attempt: number;
  /** Positions in the stream of the newest combination.planned and combination.rendered, which name its parts; 0: none. */
  readonly plannedSequence: number;
  readonly renderedSequence: number;
  /** By number. */
  readonly deliveries: readonly KnownDelivery[];
}

/** What is known of a combination's output in one destination. */
export interface KnownDelivery {
  readonly number: number;
  /** Index of the output. */
  readonly output: number;
  readonly state: CombinationState;
  readonly failure: Failure | undefined;
  /** Positions in the stream of its newest planned and rendered facts; 0: none. */
  readonly plannedSequence: number;
  readonly renderedSequence: number;
}

/** The properties that decide whether a batch may be cleaned up. */
export interface KeptBatch {
  readonly batchId: string;
  readonly tenant: string;
  readonly name: string;
  /** Time of its end; undefined if more can happen. */
  readonly endedAt: Date | undefined;
  /** The batch that it continues; empty: none. */
  readonly continues: string;
}

/** A decoded sound of a tenant's source, and when a soundtrack of it was last requested. */
export interface SoundUse {
  readonly tenant: string;
  readonly hash: string;
  readonly usedAt: Date;
}

export interface PartName {
  readonly kind: RequestedKind;
  readonly hash: string;
}

/** Which batches, and the maximum number. */
export interface BatchesQuery {
  readonly scope: Scope;
  /** In one of these states; empty for any. */
  readonly states: readonly BatchState[];
  /** In their name, in upper or lower case, or at the beginning of their id; any if omitted. */
  readonly text?: string;
  readonly order: BatchOrder;
  /** Only those after this position. */
  readonly after: BatchPosition | undefined;
  readonly limit: number;
}

/** Which combinations, and the maximum number. */
export interface CombinationsQuery {
  /** Nothing is returned of a batch outside. */
  readonly scope: Scope;
  /** In this state; UNSPECIFIED for any. */
  readonly state: CombinationState;
  /** With these choices: any of the given choices of a block, and all of the given blocks. */
  readonly choices: readonly Pick<Chosen, "block" | "choice">[];
  /** With a delivery that failed with one of these; empty for any, failed or not. */
  readonly failureCodes?: readonly FailureCode[];
  /** With a failed delivery among these numbers, with such a code; empty for any. */
  readonly deliveries?: readonly number[];
  /** With a delivery that failed for one of these causes; empty for any, failed or not. */
  readonly causes?: readonly FailureCause[];
  readonly order: CombinationOrder;
  /** Only those after this position. */
  readonly after: CombinationPosition | undefined;
  readonly limit: number;
}

export interface StatsQuery {
  readonly scope: Scope;
  /** Start of the day, for today's counts. */
  readonly dayBegan: Date;
}

export interface KnownStats {
  /** Number of batches by state. */
  readonly batches: ReadonlyMap<BatchState, number>;
  /** Number of combinations by step. */
  readonly combinations: Readonly<
    Record<"planned" | "rendered" | "delivered" | "failed" | "awaitingApproval" | "rejected", number>
  >;
  readonly today: Readonly<Record<"delivered" | "failed", number>>;
  /** Pending work of live batches. */
  readonly queued: Readonly<Record<"voices" | "clips" | "soundtracks" | "renditions" | "joins" | "deliveries", number>>;
  readonly waiting: Percentiles;
  readonly encoding: Percentiles;
  readonly joining: Percentiles;
  readonly delivery: Percentiles;
}

/** Percentiles cover this number of the last ended ones. */
export const NEWEST = 1000;

/** In seconds; undefined without measurements. */
export interface Percentiles {
  /** Number of measurements. */
  readonly count: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}
