import { type Kysely, sql } from "kysely";
import type { BatchesAsked, KnownBatch } from "../read-model.js";
import { knownBatch } from "../status.js";
import { batchRecord } from "./rows.js";
import type { Tables } from "./tables.js";

/** Batches by the time of their submission, from a position on: an index leads to a page, however many there are. */
export async function findBatches(
  db: Kysely<Tables>,
  { tenant, states, oldestFirst, after, limit }: BatchesAsked,
): Promise<KnownBatch[]> {
  const direction = oldestFirst ? "asc" : "desc";
  const beyond = sql.raw(oldestFirst ? ">" : "<");
  const rows = await db
    .selectFrom("batches")
    .selectAll()
    .where("submitted_at", "is not", null)
    .$if(tenant !== "", (query) => query.where("tenant", "=", tenant))
    .$if(states.length > 0, (query) => query.where("state", "in", [...states]))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(submitted_at, id) ${beyond} (${after?.submittedAt}::timestamptz, ${after?.batchId})`),
    )
    .orderBy("submitted_at", direction)
    .orderBy("id", direction)
    .limit(limit)
    .execute();
  return rows.map((row) => knownBatch(batchRecord(row)));
}
