import { type Kysely, type RawBuilder, sql } from "kysely";
import type { BatchKey } from "../batch-order.js";
import type { BatchesQuery, KnownBatch } from "../read-model.js";
import { knownBatch } from "../status.js";
import { inScope } from "./in-scope.js";
import { batchRecord, plain } from "./rows.js";
import type { Tables } from "./tables.js";

/** SQL expressions of the sort keys; names are compared by bytes, whatever the database's locale. */
const COLUMNS: Record<BatchKey, RawBuilder<unknown>> = {
  submitted_at: sql`submitted_at`,
  finished_at: sql`shown_finished_at`,
  name: sql`name collate "C"`,
};

/** A page of batches: found by an index, however many there are. Unfinished ones come last. */
export async function findBatches(db: Kysely<Tables>, query: BatchesQuery): Promise<KnownBatch[]> {
  const { order, after, limit } = query;
  const found = after && after.value === undefined ? [] : await page(db, query, true);
  if (order.key !== "finished_at" || found.length >= limit) return found;
  const behind = after?.value === undefined ? after : undefined;
  return [...found, ...(await page(db, { ...query, after: behind, limit: limit - found.length }, false))];
}

/** Among those that have a value of the sort key, or among those that have none. */
async function page(
  db: Kysely<Tables>,
  { scope, states, text = "", order, after, limit }: BatchesQuery,
  isValued: boolean,
): Promise<KnownBatch[]> {
  const beyond = sql.raw(order.direction === "asc" ? ">" : "<");
  const column = COLUMNS[order.key];
  const behind = after && (isValued ? sql`(${column}, id)` : sql`(id)`);
  const place =
    after && (isValued ? sql`(${valueIn(after.value)}, ${plain(after.batchId)})` : sql`(${plain(after.batchId)})`);
  const rows = await db
    .selectFrom("batches")
    .selectAll()
    .where("submitted_at", "is not", null)
    .where(isValued ? sql<boolean>`${column} is not null` : sql<boolean>`${column} is null`)
    .where(inScope(scope))
    .$if(states.length > 0, (query) => query.where("state", "in", [...states]))
    .$if(text !== "", (query) =>
      query.where(sql<boolean>`(strpos(lower(name), lower(${plain(text)})) > 0 or strpos(id, ${plain(text)}) = 1)`),
    )
    .$if(after !== undefined, (query) => query.where(sql<boolean>`${behind} ${beyond} ${place}`))
    .$if(isValued, (query) => query.orderBy(column, order.direction))
    .orderBy("id", order.direction)
    .limit(limit)
    .execute();
  return rows.map((row) => knownBatch(batchRecord(row)));
}

const valueIn = (value: number | string = ""): RawBuilder<unknown> =>
  typeof value === "number"
    ? sql`${new Date(value).toISOString()}::timestamptz`
    : sql`${plain(value)}::text collate "C"`;
