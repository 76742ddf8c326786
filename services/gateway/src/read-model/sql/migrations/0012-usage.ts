import { type Kysely, type Migration, sql } from "kysely";

/**
 * What tenants used, by day. It is no part of the read model: neither a rebuild nor the deletion of a batch changes these
 * tables, and their checkpoint says which facts were counted. The read model is filled again once, to count what the
 * stream still has.
 */
export const usage: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table usage (
    tenant text not null,
    day text not null,
    batches bigint not null,
    combinations bigint not null,
    delivered bigint not null,
    failed bigint not null,
    delivered_bytes bigint not null,
    encode_seconds double precision not null,
    primary key (tenant, day)
  )`,
  `create table usage_checkpoint (
    id boolean primary key default true check (id),
    stream text not null,
    sequence bigint not null
  )`,
  "delete from checkpoint",
];
