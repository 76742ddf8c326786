import { BatchState } from "@polyreel/contract";
import { type Kysely, sql } from "kysely";
import { percentiles } from "../percentiles.js";
import { type KnownStats, NEWEST, type StatsAsked } from "../read-model.js";
import { encodingSeconds, spansOf } from "../spans.js";
import { isLive } from "../status.js";
import { partRecord, steps } from "./rows.js";
import type { Tables } from "./tables.js";

const LIVE = [BatchState.PLANNING, BatchState.RUNNING].filter(isLive);

/** What all batches together are like: counts from the batches' tallies, times from what ended last. */
export async function stats(db: Kysely<Tables>, { tenant, dayBegan }: StatsAsked): Promise<KnownStats> {
  const [tallies, today, spans, encoding] = await Promise.all([
    tally(db, tenant),
    endedSince(db, tenant, dayBegan),
    newestSpans(db, tenant),
    newestParts(db, tenant),
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

async function tally(db: Kysely<Tables>, tenant: string) {
  const inStep = (step: string) =>
    sql<number>`sum((tally #>> ${`{combinations,inStep,${step}}`}::text[])::bigint)::float8`;
  const asked = (kind: string) => sql<number>`sum((tally #>> ${`{parts,${kind},requested}`}::text[])::bigint)::float8`;
  const rows = await db
    .selectFrom("batches")
    .select(["state", sql<number>`count(*)::float8`.as("batches")])
    .select([inStep("planned").as("planned"), inStep("rendered").as("rendered")])
    .select([inStep("delivered").as("delivered"), inStep("failed").as("failed")])
    .select([asked("voice").as("voices"), asked("clip").as("clips"), asked("sound").as("soundtracks")])
    .where("submitted_at", "is not", null)
    .$if(tenant !== "", (query) => query.where("tenant", "=", tenant))
    .groupBy("state")
    .execute();
  const sum = (of: (row: (typeof rows)[number]) => number, among = rows) =>
    among.reduce((all, row) => all + of(row), 0);
  const live = rows.filter(({ state }) => LIVE.includes(state));
  return {
    batches: new Map(rows.map((row) => [row.state as BatchState, row.batches])),
    combinations: {
      planned: sum((row) => row.planned),
      rendered: sum((row) => row.rendered),
      delivered: sum((row) => row.delivered),
      failed: sum((row) => row.failed),
    },
    queued: {
      voices: sum((row) => row.voices, live),
      clips: sum((row) => row.clips, live),
      soundtracks: sum((row) => row.soundtracks, live),
      joins: sum((row) => row.planned, live),
      deliveries: sum((row) => row.rendered, live),
    },
  };
}

async function endedSince(db: Kysely<Tables>, tenant: string, since: Date) {
  const rows = await db
    .selectFrom("combinations")
    .select(["step", sql<number>`count(*)::float8`.as("count")])
    .where("ended_at", ">=", since)
    .where(({ eb, selectFrom }) => eb("batch_id", "in", selectFrom("batches").select("id").where(submittedBy(tenant))))
    .groupBy("step")
    .execute();
  const count = (step: "delivered" | "failed") => rows.find((row) => steps[row.step] === step)?.count ?? 0;
  return { delivered: count("delivered"), failed: count("failed") };
}

async function newestSpans(db: Kysely<Tables>, tenant: string) {
  const rows = await db
    .selectFrom("combinations")
    .select(["planned_at", "ready_at", "rendered_at", "ended_at"])
    .where("ended_at", "is not", null)
    .where(({ eb, selectFrom }) => eb("batch_id", "in", selectFrom("batches").select("id").where(submittedBy(tenant))))
    .orderBy("ended_at", "desc")
    .limit(NEWEST)
    .execute();
  return rows.map((row) =>
    spansOf({
      planned: row.planned_at ?? undefined,
      ready: row.ready_at ?? undefined,
      rendered: row.rendered_at ?? undefined,
      ended: row.ended_at ?? undefined,
    }),
  );
}

async function newestParts(db: Kysely<Tables>, tenant: string): Promise<(number | undefined)[]> {
  const rows = await db
    .selectFrom("parts")
    .select(["state", "requested_at", "ended_at"])
    .where("ended_at", "is not", null)
    .where(({ eb, selectFrom }) => eb("batch_id", "in", selectFrom("batches").select("id").where(submittedBy(tenant))))
    .orderBy("ended_at", "desc")
    .limit(NEWEST)
    .execute();
  return rows.map((row) => encodingSeconds(partRecord(row)));
}

const submittedBy = (tenant: string) =>
  tenant === ""
    ? sql<boolean>`submitted_at is not null`
    : sql<boolean>`submitted_at is not null and tenant = ${tenant}`;
