import { type Kysely, type Migration, sql } from "kysely";

/**
 * Notifications about batches. They are no part of the read model: a rebuild leaves these tables alone, and their
 * checkpoint says which facts were notified of.
 */
export const notifications: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table notification_checkpoint (
    id boolean primary key default true check (id),
    stream text not null,
    sequence bigint not null
  )`,
  `create table notification_books (
    batch_id text primary key,
    generation bigint not null,
    submitted bytea not null,
    failures integer not null default 0,
    deliveries integer not null default 0,
    cancelled boolean not null default false,
    unreported integer not null default 0,
    stopped text[] not null default '{}'
  )`,
  `create table notifications (
    id text primary key,
    batch_id text not null,
    generation bigint not null,
    tenant text not null,
    type text not null,
    channel text not null,
    receiver text not null,
    shown text not null,
    lane text not null,
    body text not null,
    created_at timestamptz not null,
    state text not null default 'waiting',
    attempts jsonb not null default '[]',
    next_at timestamptz not null,
    ended_at timestamptz,
    reason text not null default ''
  )`,
  "create index notifications_lane on notifications (lane, next_at) where state = 'waiting'",
  "create index notifications_due on notifications (next_at) where state = 'waiting'",
  "create index notifications_tenant on notifications (tenant) where state = 'waiting'",
  "create index notifications_newest on notifications (created_at desc, id desc)",
  "create index notifications_batch on notifications (batch_id, created_at desc, id desc)",
  "create index notifications_ended on notifications (ended_at) where ended_at is not null",
];
