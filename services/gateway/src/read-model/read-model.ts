import type { BatchStatus, Chosen, CombinationState, CombinationStatus } from "@polyreel/contract";

/** What is known of all batches, from the facts in the stream; wherever it is kept. */
export interface ReadModel {
  /** Whether it knows all that was said before it started. */
  readonly ready: boolean;
  /** Resolves when it is ready and knows the fact at `sequence`. Throws PolyreelError `unavailable` when it takes too long. */
  reached(sequence: number): Promise<void>;
  /** A batch that was submitted. */
  batch(batchId: string): Promise<KnownBatch | undefined>;
  combination(batchId: string, combinationId: string): Promise<KnownCombination | undefined>;
  /** A batch's combinations that are asked for, by ordinal. */
  combinations(batchId: string, asked: CombinationsAsked): Promise<KnownCombination[]>;
}

/** What is known of a batch. */
export interface KnownBatch {
  readonly status: BatchStatus;
  /** SHA-256 of its specification. */
  readonly specSha256: string;
  /** W3C traceparent of the submission. */
  readonly traceparent: string;
  /** The newest run that was resumed, from 1. */
  readonly run: number;
  /** Nothing more can come of it: all is delivered or failed as planned and as resumed, or it was cancelled. */
  readonly complete: boolean;
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
}

/** Which combinations, and how many at most. */
export interface CombinationsAsked {
  /** Those in this state; UNSPECIFIED for any. */
  readonly state: CombinationState;
  /** Those with these choices: of one block any of them, of different blocks all. */
  readonly choices: readonly Pick<Chosen, "block" | "choice">[];
  /** From this ordinal on. */
  readonly from: number;
  readonly limit: number;
}
