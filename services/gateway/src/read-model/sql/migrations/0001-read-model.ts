import { type Kysely, type Migration, sql } from "kysely";

/** The first tables. Must not change after its release: later changes are separate migrations. */
export const readModel: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table checkpoint (
    id boolean primary key default true check (id),
    stream text not null,
    sequence bigint not null
  )`,
  `create table batches (
    id text primary key,
    tenant text not null,
    name text not null,
    state smallint not null,
    submitted_at timestamptz,
    unfinished boolean not null,
    cancelled boolean not null,
    finished_at timestamptz,
    finished_sequence bigint,
    traceparent text not null,
    submitted bytea,
    planned bytea,
    tally jsonb not null
  )`,
  "create index batches_by_time on batches (submitted_at, id)",
  "create index batches_unfinished on batches (id) where unfinished",
  `create table choices (
    batch_id text not null,
    number integer not null,
    chosen bytea not null,
    primary key (batch_id, number)
  )`,
  `create table combinations (
    batch_id text not null,
    id text not null,
    ordinal bigint not null,
    choices integer[] not null,
    attempt integer not null,
    step smallint not null,
    planned_sequence bigint not null,
    rendered_sequence bigint not null,
    planned_at timestamptz,
    ready_at timestamptz,
    rendered_at timestamptz,
    ended_at timestamptz,
    details bytea not null,
    primary key (batch_id, id)
  )`,
  // For pages of all combinations of a batch, and of those in one state.
  "create index combinations_by_ordinal on combinations (batch_id, ordinal)",
  "create index combinations_by_step on combinations (batch_id, step, ordinal)",
  "create index combinations_by_end on combinations (ended_at) where ended_at is not null",
  `create table parts (
    batch_id text not null,
    kind text not null,
    hash text not null,
    state smallint not null,
    requested_at timestamptz,
    ended_at timestamptz,
    primary key (batch_id, kind, hash)
  )`,
  // For parts used by other batches.
  "create index parts_by_hash on parts (hash)",
  "create index parts_by_end on parts (ended_at) where ended_at is not null",
  `create table attempts (
    batch_id text not null,
    combination_id text not null,
    attempt integer not null,
    step smallint not null,
    ended_at timestamptz,
    failure bytea,
    primary key (batch_id, combination_id, attempt)
  )`,
  `create table deliveries (
    batch_id text not null,
    combination_id text not null,
    attempt integer not null,
    path text not null,
    picture_paths text[] not null,
    size_bytes bigint not null,
    delivered_at timestamptz not null,
    primary key (batch_id, combination_id, attempt)
  )`,
];
