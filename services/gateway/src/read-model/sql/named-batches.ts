import { BatchState } from "@polyreel/contract";
import { type Kysely, sql } from "kysely";
import type { NamedBatches, NamedBatchesQuery, NamedTally, NamedTallyQuery, Standing } from "../named-batches.js";
import type { KnownBatch } from "../read-model.js";
import { knownBatch } from "../status.js";
import { inScope } from "./in-scope.js";
import { batchRecord } from "./rows.js";
import type { Tables } from "./tables.js";

/** `standingOf` in SQL. */
const standing = sql<Standing>`case
  when state = ${sql.lit(BatchState.PLANNING)} then 'pending'
  when state in (${sql.lit(BatchState.RUNNING)}, ${sql.lit(BatchState.AWAITING_APPROVAL)}) then 'processing'
  when state = ${sql.lit(BatchState.FINISHED)}
    and coalesce((tally #>> '{combinations,inStep,failed}')::bigint, 0) = 0 then 'completed'
  else 'failed' end`;

/** A page of batches by the beginning of their names, found by the index of names. */
export async function namedBatches(db: Kysely<Tables>, query: NamedBatchesQuery): Promise<KnownBatch[]> {
  const rows = await named(db, query)
    .selectAll()
    .$if(query.standing !== undefined, (all) => all.where(sql<boolean>`${standing} = ${query.standing}`))
    .orderBy("submitted_at", "desc")
    .orderBy("id", "desc")
    .offset(query.offset)
    .limit(query.limit)
    .execute();
  return rows.map((row) => knownBatch(batchRecord(row)));
}

export async function namedTally(db: Kysely<Tables>, query: NamedTallyQuery): Promise<NamedTally> {
  const since = sql`${query.dayBegan.toISOString()}::timestamptz`;
  const rows = await named(db, query)
    .select([standing.as("standing"), sql<number>`count(*)::float8`.as("count")])
    .select(sql<number>`(count(*) filter (where shown_finished_at >= ${since}))::float8`.as("today"))
    .select(sql<number>`sum(extract(epoch from shown_finished_at - submitted_at))::float8`.as("seconds"))
    .groupBy(standing)
    .execute();
  const of = (wanted: Standing) => rows.find((row) => row.standing === wanted);
  const count = (wanted: Standing) => of(wanted)?.count ?? 0;
  const today = (wanted: Standing) => of(wanted)?.today ?? 0;
  const completed = of("completed");
  return {
    all: {
      ...{ pending: count("pending"), processing: count("processing") },
      ...{ completed: count("completed"), failed: count("failed") },
    },
    today: { completed: today("completed"), failed: today("failed") },
    averageSeconds: completed && completed.seconds / completed.count,
  };
}

/** Names are compared by bytes, whatever the database's locale. */
const named = (db: Kysely<Tables>, { scope, prefix }: NamedBatches) =>
  db
    .selectFrom("batches")
    .where("submitted_at", "is not", null)
    .where("state", "!=", BatchState.DELETING)
    .where(inScope(scope))
    .where(sql<boolean>`name collate "C" >= ${prefix} and name collate "C" < ${following(prefix)}`);

/** The first text after all that begin with an ASCII prefix. */
const following = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
