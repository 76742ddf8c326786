import { type Kysely, type Migration, sql } from "kysely";

/**
 * The audit log. It is no part of the read model: a rebuild leaves it alone. The database itself refuses to change entries, and
 * to remove any outside of retention.
 */
export const auditLog: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table audit_log (
    id text collate "C" primary key,
    time timestamptz not null,
    tenant text not null,
    principal_kind text not null,
    principal_id text not null,
    principal_name text not null,
    action text not null,
    object_kind text not null,
    object_id text not null,
    outcome text not null,
    reason text not null,
    fields text[] not null,
    address text not null,
    user_agent text not null,
    trace_id text not null,
    request_id text not null
  )`,
  "create index audit_log_tenant on audit_log (tenant, id desc)",
  "create index audit_log_object on audit_log (object_id, id desc) where object_id <> ''",
  `create function audit_log_refuses() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' and current_setting('polyreel.audit_retention', true) = 'on' then
      return old;
    end if;
    raise exception 'The audit log is append-only: % is refused.', tg_op using errcode = 'insufficient_privilege';
  end $$`,
  `create trigger audit_log_append_only before update or delete on audit_log
    for each row execute function audit_log_refuses()`,
  `create trigger audit_log_keeps before truncate on audit_log
    for each statement execute function audit_log_refuses()`,
  // The read model's connections do not wait for the disk at commits; entries have to be there before a call is answered.
  `create function audit_log_durable() returns trigger language plpgsql as $$
  begin
    perform set_config('synchronous_commit', 'on', true);
    return null;
  end $$`,
  `create trigger audit_log_durable before insert on audit_log
    for each statement execute function audit_log_durable()`,
];
