import type { Generated } from "kysely";

/** The tables after the newest migration. 64-bit integers are read as numbers, times as dates. */
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
  notification_checkpoint: NotificationCheckpointTable;
  notification_books: NotificationBooksTable;
  notifications: NotificationsTable;
  usage: UsageTable;
  usage_checkpoint: UsageCheckpointTable;
  audit_log: AuditLogTable;
}

/** Tables whose rows belong to a batch, by its id. */
export const TABLES_OF_A_BATCH = [
  "choices",
  "combinations",
  "parts",
  "attempts",
  "deliveries",
  "takers",
  "ends",
  "sounds_used",
] as const satisfies (keyof Tables)[];

/** One row: the position in the stream of the other tables. It changes in the same transaction. */
export interface CheckpointTable {
  id: Generated<boolean>;
  /** When the stream was created: another one counts from 1 again. */
  stream: string;
  /** Position of the last applied fact. */
  sequence: number;
}

export interface BatchesTable {
  id: string;
  tenant: string;
  name: string;
  /** polyreel.v1.BatchState. */
  state: number;
  /** Null if only other facts of it are known. */
  submitted_at: Date | null;
  /** It is complete without a published end. */
  unfinished: boolean;
  cancelled: boolean;
  finished_at: Date | null;
  finished_sequence: number | null;
  /** When it was finished; null while it is not, even if it was before it was resumed. */
  shown_finished_at: Date | null;
  traceparent: string;
  /** Id of the batch that it continues; empty: none. */
  continues: string;
  /** polyreel.v1.BatchSubmitted and BatchPlanned. */
  submitted: Uint8Array | null;
  planned: Uint8Array | null;
  /** Its runs, and the numbers of its combinations and parts by state, maintained as facts arrive. */
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
  /** Index in `steps`. */
  step: number;
  planned_sequence: number;
  rendered_sequence: number;
  planned_at: Date | null;
  ready_at: Date | null;
  rendered_at: Date | null;
  ended_at: Date | null;
  /** If delivered; otherwise null. */
  duration_seconds: number | null;
  size_bytes: number | null;
  /** If failed, the marks of its failed deliveries and of their causes; otherwise null. */
  failures: number[] | null;
  /** polyreel.v1.CombinationStatus, without what the other columns have. */
  details: Uint8Array;
  /** The deliveries of a combination with several; null if the other columns describe its only one completely. */
  deliveries: unknown;
}

/** Parts that a batch requested. */
export interface PartsTable {
  batch_id: string;
  kind: string;
  hash: string;
  /** Index in `partStates`. */
  state: number;
  requested_at: Date | null;
  ended_at: Date | null;
}

/** Superseded attempts at deliveries. */
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

/** Which combinations have a choice, state, or failure: a bitmap for each page of ordinals with any. */
export interface TakersTable {
  batch_id: string;
  /** The choice's number; below 0: a state's, that of a failed delivery with a code, or a cause's. */
  mark: number;
  page: number;
  /** The page's first ordinal is the lowest bit of the first byte. */
  ordinals: Uint8Array;
}

/** Number of combinations that ended, by quarter of an hour. */
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

/** One row: up to where facts were notified of. Not part of the read model. */
export interface NotificationCheckpointTable {
  id: Generated<boolean>;
  stream: string;
  sequence: number;
}

/** What is kept of a batch for its notifications. */
export interface NotificationBooksTable {
  batch_id: string;
  generation: number;
  /** polyreel.v1.BatchSubmitted. */
  submitted: Uint8Array;
  failures: Generated<number>;
  deliveries: Generated<number>;
  cancelled: Generated<boolean>;
  unreported: Generated<number>;
  stopped: Generated<string[]>;
}

export interface NotificationsTable {
  id: string;
  batch_id: string;
  generation: number;
  tenant: string;
  type: string;
  channel: string;
  receiver: string;
  shown: string;
  lane: string;
  body: string;
  created_at: Date;
  state: Generated<string>;
  attempts: Generated<unknown>;
  /** When it is due; or, while it is claimed, when the claim ends. */
  next_at: Date;
  ended_at: Date | null;
  reason: Generated<string>;
}

/** What a tenant used on a day. Not part of the read model. */
export interface UsageTable {
  tenant: string;
  /** "2026-11-30", in UTC. */
  day: string;
  batches: number;
  combinations: number;
  delivered: number;
  failed: number;
  delivered_bytes: number;
  encode_seconds: number;
}

/** One row: up to where facts were counted. */
export interface UsageCheckpointTable {
  id: Generated<boolean>;
  stream: string;
  sequence: number;
}

/** polyreel.v1.AuditEntry. Not part of the read model, and append-only: see the migration. */
export interface AuditLogTable {
  id: string;
  time: Date;
  tenant: string;
  principal_kind: string;
  principal_id: string;
  principal_name: string;
  action: string;
  object_kind: string;
  /** Empty: no object. */
  object_id: string;
  outcome: string;
  reason: string;
  fields: string[];
  address: string;
  user_agent: string;
  trace_id: string;
  request_id: string;
}
