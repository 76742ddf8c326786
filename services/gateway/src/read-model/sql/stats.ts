import { BatchState } from "@polyreel/contract";
import { type Kysely, type Selectable, sql } from "kysely";
import type { Scope } from "../../call/call.js";
import { durationsOf, encodingSeconds } from "../durations.js";
import { percentiles } from "../percentiles.js";
import { type KnownStats, NEWEST, type StatsQuery } from "../read-model.js";
import { isLive } from "../status.js";
import { type Ended, firstTimeBucketFrom, timeBucketOf, timeBucketOfNewest } from "../time-buckets.js";
import { inScope } from "./in-scope.js";
import { partRecord } from "./rows.js";
import { steps } from "./steps.js";
import type { CombinationsTable, Tables } from "./tables.js";

const LIVE = [BatchState.PLANNING, BatchState.RUNNING, BatchState.AWAITING_APPROVAL].filter(isLive);

/** Statistics over all batches: counts maintained as facts arrive, and durations of the last ended ones. */
export async function stats(db: Kysely<Tables>, { scope, dayBegan }: StatsQuery): Promise<KnownStats> {
  const [tallies, today, spans, encoding] = await Promise.all([
    tally(db, scope),
    endedSince(db, scope, dayBegan),
    newestSpans(db, scope),
    newestParts(db, scope),
  ]);
  return {
    ...tallies,
    today,
    waiting: percentiles(spans.map(({ waiting }) => waiting)),
    encoding: percentiles(encoding),
    joining: percentiles(spans.map(({ joining }) => joining)),
    delivery: percentiles(spans.map(({ delivery }) => delivery)),
  };
}
async function tally(db: Kysely<Tables>, scope: Scope) {
  const inStep = (step: string) =>
    sql<number>`sum((tally #>> ${`{combinations,inStep,${step}}`}::text[])::bigint)::float8`;
  const query = (kind: string) => sql<number>`sum((tally #>> ${`{parts,${kind},requested}`}::text[])::bigint)::float8`;
  const rows = await db
    .selectFrom("batches")
    .select(["state", sql<number>`count(*)::float8`.as("batches")])
    .select([inStep("planned").as("planned"), inStep("rendered").as("rendered")])
    .select([inStep("delivered").as("delivered"), inStep("failed").as("failed")])
    .select([inStep("awaiting").as("awaiting"), inStep("rejected").as("rejected")])
    .select([query("voice").as("voices"), query("clip").as("clips"), query("sound").as("soundtracks")])
    .select([sql<number>`coalesce(${query("rendition")}, 0)`.as("renditions")])
    .where("submitted_at", "is not", null)
    .where(inScope(scope))
    .groupBy("state")
    .execute();
  const sum = (of: (row: (typeof rows)[number]) => number, among = rows) =>
    among.reduce((all, row) => all + of(row), 0);
  const live = rows.filter(({ state }) => LIVE.includes(state));
  return {
    batches: new Map(rows.map((row) => [row.state as BatchState, row.batches])),
    combinations: {
      planned: sum((row) => row.planned, live),
      rendered: sum((row) => row.rendered, live),
      delivered: sum((row) => row.delivered),
      failed: sum((row) => row.failed),
      awaitingApproval: sum((row) => row.awaiting, live),
      rejected: sum((row) => row.rejected),
    },
    queued: {
      voices: sum((row) => row.voices, live),
      clips: sum((row) => row.clips, live),
      soundtracks: sum((row) => row.soundtracks, live),
      renditions: sum((row) => row.renditions, live),
      joins: sum((row) => row.planned, live),
      deliveries: sum((row) => row.rendered, live),
    },
  };
}

/** Days begin at a quarter of an hour; what ended before the first complete one is counted individually. */
async function endedSince(db: Kysely<Tables>, scope: Scope, since: Date) {
  const whole = new Date(firstTimeBucketFrom(since));
  const counts = [
    await sql<Ended>`select coalesce(sum(delivered), 0)::float8 as delivered, coalesce(sum(failed), 0)::float8 as failed
      from ends where quarter >= ${whole}::timestamptz and batch_id in (${batchesOf(scope)})`.execute(db),
  ];
  if (whole > since) {
    const began = new Date(timeBucketOf(since));
    counts.push(
      await sql<Ended>`select count(*) filter (where step = ${steps.indexOf("delivered")}::smallint)::float8 as delivered,
          count(*) filter (where step = ${steps.indexOf("failed")}::smallint)::float8 as failed
        from (${activeSince(scope, began)}) as active join combinations using (batch_id, step)
        where ended_at >= ${since}::timestamptz and ended_at < ${whole}::timestamptz`.execute(db),
    );
  }
  const sum = (of: keyof Ended) => counts.reduce((total, { rows }) => total + (rows[0]?.[of] ?? 0), 0);
  return { delivered: sum("delivered"), failed: sum("failed") };
}

/** Of the last ended ones: searched only in batches in which some ended. */
async function newestSpans(db: Kysely<Tables>, scope: Scope) {
  const since = await sinceNewest(db, scope);
  if (!since) return [];
  const { rows } = await sql<Times>`select planned_at, ready_at, rendered_at, ended_at
    from (${activeSince(scope, since)}) as active cross join lateral (
      select planned_at, ready_at, rendered_at, ended_at from combinations
      where batch_id = active.batch_id and step = active.step and ended_at >= ${since}::timestamptz
      order by ended_at desc limit ${NEWEST}
    ) as newest order by ended_at desc limit ${NEWEST}`.execute(db);
  return rows.map((row) =>
    durationsOf({
      planned: row.planned_at ?? undefined,
      ready: row.ready_at ?? undefined,
      rendered: row.rendered_at ?? undefined,
      ended: row.ended_at ?? undefined,
    }),
  );
}

type Times = Pick<Selectable<CombinationsTable>, "planned_at" | "ready_at" | "rendered_at" | "ended_at">;

/** The start of the most recent quarters of an hour in which enough ended. */
async function sinceNewest(db: Kysely<Tables>, scope: Scope): Promise<Date | undefined> {
  const { rows } = await sql<Ended & { quarter: Date }>`select quarter, sum(delivered)::float8 as delivered,
      sum(failed)::float8 as failed
    from ends where batch_id in (${batchesOf(scope)})
    group by quarter order by quarter desc limit ${NEWEST}`.execute(db);
  if (rows.length === 0) return undefined;
  return new Date(
    timeBucketOfNewest(
      rows.map(({ quarter, ...ended }) => [quarter.getTime(), ended]),
      NEWEST,
    ),
  );
}

async function newestParts(db: Kysely<Tables>, scope: Scope): Promise<(number | undefined)[]> {
  const rows = await db
    .selectFrom("parts")
    .select(["state", "requested_at", "ended_at"])
    .where("ended_at", "is not", null)
    .where(sql<boolean>`batch_id in (${batchesOf(scope)})`)
    .orderBy("ended_at", "desc")
    .limit(NEWEST)
    .execute();
  return rows.map((row) => encodingSeconds(partRecord(row)));
}

/** Batches in which combinations ended since a quarter of an hour, with the final steps. */
const activeSince = (scope: Scope, quarter: Date) => sql`select batch_id, step
  from (select distinct batch_id from ends
    where quarter >= ${quarter}::timestamptz and batch_id in (${batchesOf(scope)})) as batch
  cross join unnest(${ENDED}::smallint[]) as step`;

const ENDED = [steps.indexOf("delivered"), steps.indexOf("failed")];

const batchesOf = (scope: Scope) => sql`select id from batches where submitted_at is not null and ${inScope(scope)}`;
