import { create } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type AuditEntry, AuditEntrySchema } from "@polyreel/contract";
import { type Kysely, type Selectable, sql } from "kysely";
import { inScope } from "../../read-model/sql/in-scope.js";
import type { AuditLogTable, Tables } from "../../read-model/sql/tables.js";
import type { readWithin } from "../../read-model/sql/tenants/reader-session.js";
import { lowestAuditId } from "../audit-id.js";
import { type AuditQuery, type AuditStore, REFUSED } from "./audit-store.js";

/** Rows that one statement removes: others wait for it where there is only one connection. */
const REMOVED_AT_ONCE = 5000;

/** The audit log in the read model's database, which several gateways may share. */
export class SqlAudit implements AuditStore {
  /** `within`: reads of a scope run in it. */
  constructor(
    private readonly db: Kysely<Tables>,
    private readonly within: typeof readWithin,
  ) {}

  /** One statement, and so one round trip and one commit. */
  async append(entries: readonly AuditEntry[]): Promise<void> {
    await sql`insert into audit_log
      select * from jsonb_populate_recordset(null::audit_log, ${JSON.stringify(entries.map(rowOf))}::jsonb)
      on conflict (id) do nothing`.execute(this.db);
  }

  async list(query: AuditQuery): Promise<AuditEntry[]> {
    const { scope, principal, action, object, outcome, from, to, before, limit } = query;
    const read = this.db
      .selectFrom("audit_log")
      .selectAll()
      .where(inScope(scope))
      .$if(principal !== "", (rows) =>
        rows.where((where) =>
          where.or([
            where("principal_id", "=", principal),
            where("principal_name", "=", principal),
            where("principal_kind", "=", principal),
          ]),
        ),
      )
      .$if(action !== "", (rows) =>
        rows.where((where) =>
          where.or([
            where("action", "=", action),
            sql<boolean>`right(action, length(${action}) + 1) = '/' || ${action}`,
          ]),
        ),
      )
      // The second condition is the index's.
      .$if(object !== "", (rows) => rows.where("object_id", "=", object).where("object_id", "<>", ""))
      .$if(outcome !== "", (rows) =>
        outcome === REFUSED ? rows.where("outcome", "<>", "ok") : rows.where("outcome", "=", outcome),
      )
      .$if(from !== undefined, (rows) => rows.where("id", ">=", lowestAuditId(from ?? new Date(0))))
      .$if(to !== undefined, (rows) => rows.where("id", "<", lowestAuditId(to ?? new Date(0))))
      .$if(before !== undefined, (rows) => rows.where("id", "<", before ?? ""))
      .orderBy("id", "desc")
      .limit(limit);
    const rows = await this.within(scope, () => read.execute());
    return rows.map(entryOf);
  }

  async removeBelow(id: string, signal?: AbortSignal): Promise<number> {
    for (let removed = 0; ; ) {
      signal?.throwIfAborted();
      const count = await this.db.transaction().execute(async (db) => {
        await sql`select set_config('polyreel.audit_retention', 'on', true)`.execute(db);
        const { rows } = await sql<{ count: number }>`with gone as (
          delete from audit_log where id in
            (select id from audit_log where id < ${id} order by id limit ${REMOVED_AT_ONCE})
          returning id
        ) select count(*) as count from gone`.execute(db);
        return rows[0]?.count ?? 0;
      });
      removed += count;
      if (count < REMOVED_AT_ONCE) return removed;
    }
  }
}

function rowOf(entry: AuditEntry): AuditLogTable {
  const { id, tenant, action, outcome, reason, fields, address, principal, object } = entry;
  return {
    ...{ id, tenant, action, outcome, reason, fields, address },
    time: entry.time ? timestampDate(entry.time) : new Date(0),
    principal_kind: principal?.kind ?? "",
    principal_id: principal?.id ?? "",
    principal_name: principal?.name ?? "",
    object_kind: object?.kind ?? "",
    object_id: object?.id ?? "",
    user_agent: entry.userAgent,
    trace_id: entry.traceId,
    request_id: entry.requestId,
  };
}

function entryOf(row: Selectable<AuditLogTable>): AuditEntry {
  const { id, tenant, action, outcome, reason, fields, address } = row;
  return create(AuditEntrySchema, {
    ...{ id, tenant, action, outcome, reason, fields, address },
    time: timestampFromDate(row.time),
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    ...(row.object_id !== "" && { object: { kind: row.object_kind, id: row.object_id } }),
    userAgent: row.user_agent,
    traceId: row.trace_id,
    requestId: row.request_id,
  });
}
