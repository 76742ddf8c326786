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
import type { BatchOrder, BatchPosition } from "./batch-order.js";
import type { PartState } from "./batch-record.js";
import type { CombinationOrder, CombinationPosition } from "./combination-order.js";

/** What is known of all batches, from the facts in the stream; wherever it is kept. */
export interface ReadModel extends Known {
  /** Whether it knows all that was said before it started. */
  readonly ready: boolean;
  /** Resolves when it is ready and knows the fact at `sequence`. Throws PolyreelError `unavailable` when it takes too long. */
  reached(sequence: number): Promise<void>;
  /** Forgets everything and reads the stream again. Resolves when it knows what it held at the beginning. */
  rebuild(signal: AbortSignal): Promise<void>;
  /** How far it is: position of the last fact it knows, and of the last one it has to know to be ready. */
  readonly progress: { readonly sequence: number; readonly past: number };
}

/** What can be asked. */
export interface Known {
  /** A batch that was submitted, within the scope. */
  batch(batchId: string, scope: Scope): Promise<KnownBatch | undefined>;
  /** Batches that were submitted, and are asked for. */
  batches(asked: BatchesAsked): Promise<KnownBatch[]>;
  combination(batchId: string, combinationId: string, scope: Scope): Promise<KnownCombination | undefined>;
  /** A batch's combinations that are asked for. */
  combinations(batchId: string, asked: CombinationsAsked): Promise<KnownCombination[]>;
  /**
   * How far parts are, in their order: the best that was reported of each for this batch, in whichever attempt. Undefined for
   * those that it did not ask for.
   */
  partStates(batchId: string, parts: readonly PartName[], scope: Scope): Promise<(PartState | undefined)[]>;
  /** Parts that a batch asked for, and no other batch of its tenant that stays, those left aside that are in `besides`. */
  partsOnlyOf(batchId: string, besides?: readonly string[]): AsyncIterable<PartName>;
  /** All batches that were submitted and are not being deleted, in no order. */
  keptBatches(scope: Scope): Promise<KeptBatch[]>;
  /** Ids of the batches that continue this one, and stay. */
  continuing(batchId: string): Promise<string[]>;
  /**
   * Bytes of the videos that each of these batches has written; what was written to one place several times counts once, as
   * the largest. Those that have written nothing may be left out.
   */
  deliveredBytes(batchIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** When decoded sounds were used last, by batches that stay, in no order. */
  soundsUsed(): Promise<SoundUse[]>;
  /** Paths below the destination's root where both this batch and another one that stays have written a video. */
  sharedPaths(batchId: string): Promise<string[]>;
  stats(asked: StatsAsked): Promise<KnownStats>;
}

/** What is known of a batch. */
export interface KnownBatch {
  readonly status: BatchStatus;
  /** SHA-256 of its specification. */
  readonly specSha256: string;
  /** In the order of its specification. */
  readonly outputs: readonly OutputSummary[];
  /** W3C traceparent of the submission. */
  readonly traceparent: string;
  /** The newest run that was resumed, from 1. */
  readonly run: number;
  /** Position of its submission in the stream; 0: not known. */
  readonly generation: number;
  /** All that was resumed of it is published, as far as this is known. */
  readonly requeued: boolean;
  /** Nothing more can come of it: all has ended as planned and as resumed, or it was cancelled. */
  readonly complete: boolean;
  /** Position of what cancelled it in the stream. */
  readonly cancelledSequence: number | undefined;
  /** Position of batch.finished in the stream, while it is: nothing follows it for those who watch. */
  readonly finishedSequence: number | undefined;
}

/** What is known of a combination. */
export interface KnownCombination {
  readonly status: CombinationStatus;
  /** The newest attempt that anything was said of, from 1. */
  readonly attempt: number;
  /** Positions in the stream of the newest combination.planned and combination.rendered, which name its parts; 0: none. */
  readonly plannedSequence: number;
  readonly renderedSequence: number;
  /** By number. */
  readonly deliveries: readonly KnownDelivery[];
}

/** What is known of an output of a combination in one destination. */
export interface KnownDelivery {
  readonly number: number;
  /** Number of the output. */
  readonly output: number;
  readonly state: CombinationState;
  readonly failure: Failure | undefined;
  /** Positions in the stream of the newest facts that plan it, and that it was rendered; 0: none. */
  readonly plannedSequence: number;
  readonly renderedSequence: number;
}

/** What tells whether a batch may go. */
export interface KeptBatch {
  readonly batchId: string;
  readonly tenant: string;
  readonly name: string;
  /** When its end was said; undefined where more can come of it. */
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

/** Which batches, and how many at most. */
export interface BatchesAsked {
  readonly scope: Scope;
  /** Those in one of these states; empty for any. */
  readonly states: readonly BatchState[];
  readonly order: BatchOrder;
  /** Only those that come after this one. */
  readonly after: BatchPosition | undefined;
  readonly limit: number;
}

/** Which combinations, and how many at most. */
export interface CombinationsAsked {
  /** None of a batch outside. */
  readonly scope: Scope;
  /** Those in this state; UNSPECIFIED for any. */
  readonly state: CombinationState;
  /** Those with these choices: of one block any of them, of different blocks all. */
  readonly choices: readonly Pick<Chosen, "block" | "choice">[];
  /** Those of which a delivery failed with one of these; empty for any, also such as did not fail. */
  readonly failureCodes?: readonly FailureCode[];
  /** Those of which a delivery of one of these numbers failed, with such a code; empty for any. */
  readonly deliveries?: readonly number[];
  readonly order: CombinationOrder;
  /** Only those that come after this one. */
  readonly after: CombinationPosition | undefined;
  readonly limit: number;
}

export interface StatsAsked {
  readonly scope: Scope;
  /** The day began then: what ended since counts as today's. */
  readonly dayBegan: Date;
}

export interface KnownStats {
  /** How many batches are in which state. */
  readonly batches: ReadonlyMap<BatchState, number>;
  /** How many combinations came how far. */
  readonly combinations: Readonly<
    Record<"planned" | "rendered" | "delivered" | "failed" | "awaitingApproval" | "rejected", number>
  >;
  readonly today: Readonly<Record<"delivered" | "failed", number>>;
  /** What live batches wait for. */
  readonly queued: Readonly<Record<"voices" | "clips" | "soundtracks" | "joins" | "deliveries", number>>;
  readonly waiting: Percentiles;
  readonly encoding: Percentiles;
  readonly joining: Percentiles;
  readonly delivery: Percentiles;
}

/** Percentiles are taken of so many that ended last. */
export const NEWEST = 1000;

/** In seconds; undefined where nothing was measured yet. */
export interface Percentiles {
  /** Of how many. */
  readonly count: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}
