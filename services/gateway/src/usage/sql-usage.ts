import { type Kysely, sql, type Transaction } from "kysely";
import { inScope } from "../read-model/sql/in-scope.js";
import type { Tables } from "../read-model/sql/tables.js";
import { upsert, upserts } from "../read-model/sql/upsert.js";
import type { UsageQuery } from "./usage-query.js";
import type { Amounts, UsageTally } from "./usage-tally.js";

/** Up to where facts of a stream are counted. Another stream counts from its beginning. */
export async function countedUpTo(db: Transaction<Tables>, stream: string): Promise<number> {
  const known = await db.selectFrom("usage_checkpoint").select(["stream", "sequence"]).executeTakeFirst();
  return known?.stream === stream ? known.sequence : 0;
}

/** Adds a tally of facts up to a position, in the transaction that applies them. */
export async function addUsage(
  db: Transaction<Tables>,
  tally: UsageTally,
  counted: { readonly stream: string; readonly sequence: number },
): Promise<void> {
  const rows = [...tally.days].map(({ deliveredBytes, encodeSeconds, ...row }) => ({
    ...row,
    delivered_bytes: deliveredBytes,
    encode_seconds: encodeSeconds,
  }));
  await upsert(db, upserts.usage, rows);
  await db
    .insertInto("usage_checkpoint")
    .values(counted)
    .onConflict((conflict) => conflict.column("id").doUpdateSet(counted))
    .execute();
}

/** Sums by tenant. */
export async function usageIn(
  db: Kysely<Tables>,
  { scope, from, to }: UsageQuery,
): Promise<ReadonlyMap<string, Amounts>> {
  const sum = (column: string) => sql<number>`sum(${sql.ref(column)})::float8`;
  const rows = await db
    .selectFrom("usage")
    .select(["tenant", sum("batches").as("batches"), sum("combinations").as("combinations")])
    .select([sum("delivered").as("delivered"), sum("failed").as("failed")])
    .select([sum("delivered_bytes").as("deliveredBytes"), sum("encode_seconds").as("encodeSeconds")])
    .where("day", ">=", from)
    .where("day", "<=", to)
    .where(inScope(scope))
    .groupBy("tenant")
    .execute();
  return new Map(rows.map(({ tenant, ...amounts }) => [tenant, amounts]));
}
