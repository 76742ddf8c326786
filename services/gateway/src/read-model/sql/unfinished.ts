import type { Kysely } from "kysely";
import type { KnownBatch } from "../read-model.js";
import { knownBatch } from "../status.js";
import { anyOf } from "./load.js";
import { batchRecord } from "./rows.js";
import type { Tables } from "./tables.js";

/** Batches that are complete without a published end: all, or those among some. */
export async function unfinished(db: Kysely<Tables>, among?: readonly string[]): Promise<KnownBatch[]> {
  const rows = await db
    .selectFrom("batches")
    .selectAll()
    .where("unfinished", "=", true)
    .$if(among !== undefined, (query) => query.where("id", "=", anyOf(among ?? [])))
    .execute();
  return rows.map((row) => knownBatch(batchRecord(row)));
}
