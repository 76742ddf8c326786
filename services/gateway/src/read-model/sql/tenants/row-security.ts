import type { Log } from "@polyreel/platform/runtime";
import { type Kysely, sql } from "kysely";
import { TABLES_OF_A_BATCH } from "../tables.js";
import { READER, TENANT_SETTING } from "./reader-session.js";

/** Tables whose rows name their tenant. Those of a batch are visible where the batch is. */
const OF_A_TENANT = ["batches", "notifications", "audit_log", "usage"];

/** One gateway at a time: grants of two at once would fail. */
const LOCK = 7_316_504;

/**
 * Sets up the second belt of reads for one tenant: they run as a role that sees the rows of that tenant and no others, whatever the
 * query. Everybody else sees all rows, as before. Idempotent. Returns whether it holds: false where the database's user may not make
 * the role.
 */
export async function secureRows<T>(db: Kysely<T>, log?: Log): Promise<boolean> {
  try {
    await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction);
      for (const statement of STATEMENTS) await sql.raw(statement).execute(transaction);
    });
    return true;
  } catch (error) {
    log?.warn({ err: error }, `tenants are not kept apart by the database itself: it has no role ${READER}`);
    return false;
  }
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ");

/** Each changes something only where that is missing: a start of many gateways locks nothing. */
const STATEMENTS = [
  `do $$ begin
    if not exists (select from pg_roles where rolname = '${READER}') then
      create role ${READER} nologin;
    end if;
  exception when duplicate_object or unique_violation then null; -- Another database of this server made it just now.
  end $$`,
  `do $$ begin
    if not pg_has_role(current_user, '${READER}', 'member') then execute format('grant ${READER} to %I', current_user); end if;
    if not has_schema_privilege('${READER}', current_schema(), 'usage') then
      execute format('grant usage on schema %I to ${READER}', current_schema());
    end if;
  end $$`,
  `do $$ declare it text; is_own boolean; begin
    foreach it in array array[${quoted([...OF_A_TENANT, ...TABLES_OF_A_BATCH])}] loop
      if not has_table_privilege('${READER}', it, 'select') then execute format('grant select on %I to ${READER}', it); end if;
      if exists (select from pg_policy where polrelid = it::regclass and polname = 'own_tenant') then continue; end if;
      is_own := it in (${quoted(OF_A_TENANT)});
      execute format('create policy everyone on %I using (true) with check (true)', it);
      execute format('create policy own_tenant on %I as restrictive for select to ${READER} using (%s)', it,
        case when is_own then 'tenant = current_setting(''${TENANT_SETTING}'', true)'
        else 'exists (select from batches where batches.id = batch_id)' end);
      execute format('alter table %I enable row level security', it);
    end loop;
  end $$`,
];
