import type { Generated } from "kysely";

/** The tables, as the newest migration leaves them. 64-bit numbers come as numbers, times as dates. */
export interface Tables {
  checkpoint: CheckpointTable;
  batches: BatchesTable;
  choices: ChoicesTable;
  combinations: CombinationsTable;
  parts: PartsTable;
  attempts: AttemptsTable;
  deliveries: DeliveriesTable;
  takers: TakersTable;
  ends: EndsTable;
  sounds_used: SoundsUsedTable;
}

/** One row: how far the other tables know the stream. It changes in the same transaction as they do. */
export interface CheckpointTable {
  id: Generated<boolean>;
  /** When the stream was created: another one counts from 1 again. */
  stream: string;
  /** Position of the last fact that was taken in. */
  sequence: number;
}

export interface BatchesTable {
  id: string;
  tenant: string;
  name: string;
  /** polyreel.v1.BatchState. */
  state: number;
  /** Null where only other facts of it are known. */
  submitted_at: Date | null;
  /** It is complete, and not said to be finished. */
  unfinished: boolean;
  cancelled: boolean;
  finished_at: Date | null;
  finished_sequence: number | null;
  /** When it was finished; null while it is not, also where it was before it was resumed. */
  shown_finished_at: Date | null;
  traceparent: string;
  /** Id of the batch that it continues; empty: none. */
  continues: string;
  /** polyreel.v1.BatchSubmitted and BatchPlanned. */
  submitted: Uint8Array | null;
  planned: Uint8Array | null;
  /** Its runs, and how many of its combinations and parts are in which state, kept as facts come. */
  tally: unknown;
}

/** The choices of a batch's combinations, numbered as they became known. */
export interface ChoicesTable {
  batch_id: string;
  number: number;
  /** polyreel.v1.Chosen. */
  chosen: Uint8Array;
}

/** Combinations, with the newest attempt at each. */
export interface CombinationsTable {
  batch_id: string;
  id: string;
  ordinal: number;
  /** Numbers of its choices. */
  choices: number[];
  attempt: number;
  /** Position in `steps`. */
  step: number;
  planned_sequence: number;
  rendered_sequence: number;
  planned_at: Date | null;
  ready_at: Date | null;
  rendered_at: Date | null;
  ended_at: Date | null;
  /** Of what is delivered; null otherwise. */
  duration_seconds: number | null;
  size_bytes: number | null;
  /** Of what failed a mark for each delivery that did; null otherwise. */
  failures: number[] | null;
  /** polyreel.v1.CombinationStatus, but for what the other columns say. */
  details: Uint8Array;
  /** Of a combination with several deliveries what is known of each; null where the other columns say all of its only one. */
  deliveries: unknown;
}

/** Parts that a batch asked for. */
export interface PartsTable {
  batch_id: string;
  kind: string;
  hash: string;
  /** Position in `partStates`. */
  state: number;
  requested_at: Date | null;
  ended_at: Date | null;
}

/** Attempts at deliveries that newer ones have taken the place of. */
export interface AttemptsTable {
  batch_id: string;
  combination_id: string;
  delivery: number;
  attempt: number;
  step: number;
  ended_at: Date | null;
  /** polyreel.v1.Failure. */
  failure: Uint8Array | null;
}

/** Files that were written to a destination. */
export interface DeliveriesTable {
  batch_id: string;
  combination_id: string;
  delivery: number;
  attempt: number;
  path: string;
  picture_paths: string[];
  size_bytes: number;
  delivered_at: Date;
}

/** Which combinations take a choice, are in a state, or failed in a way: a bitmap for each page of ordinals in which any does. */
export interface TakersTable {
  batch_id: string;
  /** The choice's number; below 0: a state's, or that of a delivery with a failure's code. */
  mark: number;
  page: number;
  /** The page's first ordinal is the lowest bit of the first byte. */
  ordinals: Uint8Array;
}

/** How many combinations ended in which quarter of an hour. */
export interface EndsTable {
  batch_id: string;
  quarter: Date;
  delivered: number;
  failed: number;
}

/** Decoded sounds of sources, and when a batch last requested a soundtrack of each. */
export interface SoundsUsedTable {
  batch_id: string;
  hash: string;
  used_at: Date;
}
