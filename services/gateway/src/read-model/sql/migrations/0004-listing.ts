import { type Kysely, type Migration, sql } from "kysely";
import type { Tables } from "../tables.js";
import { fillListing } from "./fill-listing.js";

/** For lists in other orders, lists by rare choices, and combinations that ended on a day. */
export const listing: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of ADDED) await sql.raw(statement).execute(db);
    await fillListing(db as Kysely<Tables>);
    for (const statement of INDEXES) await sql.raw(statement).execute(db);
  },
};

const ADDED = [
  "alter table batches add shown_finished_at timestamptz",
  "alter table combinations add duration_seconds float8, add size_bytes bigint",
  `create table takers (
    batch_id text not null,
    mark integer not null,
    page integer not null,
    ordinals bytea not null,
    primary key (batch_id, mark, page)
  )`,
  `create table ends (
    batch_id text not null,
    quarter timestamptz not null,
    delivered bigint not null,
    failed bigint not null,
    primary key (batch_id, quarter)
  )`,
];

const INDEXES = [
  "create index batches_of_tenant on batches (tenant, submitted_at, id)",
  "create index batches_by_finish on batches (shown_finished_at, id)",
  `create index batches_by_name on batches (name collate "C", id)`,
  // By state, because a list in any order merges the lists of states. This index also finds what ended last, so the one
  // over all batches is no longer needed.
  "create index combinations_by_step_and_end on combinations (batch_id, step, ended_at, ordinal) where ended_at is not null",
  "drop index combinations_by_end",
  `create index combinations_by_duration on combinations (batch_id, duration_seconds, ordinal)
    where duration_seconds is not null`,
  "create index combinations_by_size on combinations (batch_id, size_bytes, ordinal) where size_bytes is not null",
  "create index ends_by_quarter on ends (quarter)",
];
