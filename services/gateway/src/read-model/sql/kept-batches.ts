import { BatchState } from "@polyreel/contract";
import { type Kysely, sql } from "kysely";
import type { Scope } from "../../call/call.js";
import type { KeptBatch } from "../read-model.js";
import { inScope } from "./in-scope.js";
import { anyOf } from "./load.js";
import type { Tables } from "./tables.js";

/** All batches of a scope, with the properties for a clean-up. */
export async function keptBatches(db: Kysely<Tables>, scope: Scope): Promise<KeptBatch[]> {
  const rows = await db
    .selectFrom("batches")
    .select(["id", "tenant", "name", "continues", "finished_at"])
    // A resumed batch keeps the time of its former end.
    .select(sql<boolean>`(tally->>'finishedRun')::integer >= (tally->>'run')::integer`.as("ended"))
    .where("submitted_at", "is not", null)
    .where("state", "<>", BatchState.DELETING)
    .where(inScope(scope))
    .execute();
  return rows.map(({ id, ended, finished_at, ...row }) => ({
    ...row,
    batchId: id,
    endedAt: ended ? (finished_at ?? undefined) : undefined,
  }));
}

/** Ids of the batches that continue one. */
export async function continuing(db: Kysely<Tables>, batchId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("batches")
    .select("id")
    .where("continues", "=", batchId)
    .where("continues", "<>", "") // Matches the partial index.
    .where("state", "<>", BatchState.DELETING)
    .execute();
  return rows.map(({ id }) => id);
}

/** Paths where both a batch and another one have written a video. */
export async function sharedPaths(db: Kysely<Tables>, batchId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("deliveries as own")
    .innerJoin("deliveries as other", "other.path", "own.path")
    .innerJoin("batches as theirs", "theirs.id", "other.batch_id")
    .select("own.path")
    .distinct()
    .where("own.batch_id", "=", batchId)
    .where("other.batch_id", "<>", batchId)
    .where("theirs.state", "<>", BatchState.DELETING)
    .execute();
  return rows.map(({ path }) => path);
}

/**
 * Bytes of the videos that batches have written. Files at one path count once, as the largest: checked only if
 * something was delivered again, because comparing a million paths takes seconds.
 */
export async function deliveredBytes(db: Kysely<Tables>, batchIds: readonly string[]): Promise<Map<string, number>> {
  const sums = await db
    .selectFrom("deliveries")
    .select(["batch_id", sql<number>`sum(size_bytes)::bigint`.as("bytes"), sql<number>`max(attempt)`.as("attempt")])
    .where("batch_id", "=", anyOf(batchIds))
    .groupBy("batch_id")
    .execute();
  const again = sums.flatMap(({ batch_id, attempt }) => (attempt > 1 ? batch_id : []));
  const exact = again.length > 0 ? await bytesByPath(db, again) : [];
  return new Map([...sums, ...exact].map(({ batch_id, bytes }) => [batch_id, bytes]));
}

function bytesByPath(db: Kysely<Tables>, batchIds: readonly string[]): Promise<{ batch_id: string; bytes: number }[]> {
  const atPath = db
    .selectFrom("deliveries")
    .select(["batch_id", sql<number>`max(size_bytes)`.as("bytes")])
    .where("batch_id", "=", anyOf(batchIds))
    .groupBy(["batch_id", "path"]);
  return db
    .selectFrom(atPath.as("at_path"))
    .select(["batch_id", sql<number>`sum(bytes)::bigint`.as("bytes")])
    .groupBy("batch_id")
    .execute();
}
