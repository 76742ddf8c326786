import { FailureCode } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { needs } from "@polyreel/platform/testing";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, expect, it } from "vitest";
import { factMessage } from "../../testing/fact-messages.js";
import { isPostgresThere, postgresUrl } from "../../testing/projection-stores.js";
import { sortable } from "../../testing/sortable.js";
// Causes are marked when the stream is read again, after a migration.
import { FIRST_CAUSE } from "../cause-marks.js";
import { markOfFailure } from "../failure-marks.js";
import { migrate } from "../migrate.js";
import { openPostgres } from "../postgres/open-postgres.js";
import { steps } from "../steps.js";
import type { Tables } from "../tables.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

/** The tables after 0003, before there were codes of failures. */
const BACK = [
  "drop table takers",
  "drop table ends",
  "alter table combinations drop column duration_seconds, drop column size_bytes",
  "alter table batches drop column shown_finished_at",
  "drop index batches_of_tenant",
  "drop index batches_by_name",
  "drop index combinations_by_step_and_end",
  "create index combinations_by_end on combinations (ended_at) where ended_at is not null",
  "alter table combinations drop column failures",
  "alter table combinations drop column deliveries",
  "update batches set tally = tally - 'deliveries' #- '{combinations,inStep,awaiting}' #- '{combinations,inStep,rejected}'",
  ...["attempts", "deliveries"].flatMap((table) => [
    `alter table ${table} drop column delivery`,
    `alter table ${table} add primary key (batch_id, combination_id, attempt)`,
  ]),
  "drop table sounds_used, notification_checkpoint, notification_books, notifications, audit_log, usage, usage_checkpoint",
  "drop function audit_log_refuses, audit_log_durable",
  "delete from kysely_migration where name >= '0004'",
];

async function openDatabase() {
  const url = await postgresUrl(releasers);
  const store = releasers.use(await openPostgres(url, createLog("test", "silent")));
  await store.begin({ created: "stream", last: 10_000 });
  const types = { getTypeParser: (type: number) => (type === 20 ? Number : pg.types.getTypeParser(type)) };
  const pool = new pg.Pool({ connectionString: url, types: types as pg.CustomTypesConfig });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  releasers.add(() => db.destroy());
  return { db, store };
}

it("fills existing tables with their present content", needs(isPostgresThere, "needs PostgreSQL"), async () => {
  const { db, store } = await openDatabase();
  const facts = sortable(205, { deliveries: 1, approval: false });
  await store.take([...facts, factMessage("batch.finished", {}, facts.length + 1)], 0);
  const takers = db.selectFrom("takers").selectAll().where("mark", ">", FIRST_CAUSE).orderBy("mark").orderBy("page");
  const uncoded = [markOfFailure(0, FailureCode.UNSPECIFIED)];
  const content = async () => ({
    takers: await takers.where("mark", ">", uncoded[0] ?? 0).execute(),
    ends: await db.selectFrom("ends").selectAll().orderBy("quarter").execute(),
    batches: await db.selectFrom("batches").select(["id", "shown_finished_at"]).execute(),
    tally: await db.selectFrom("batches").select("tally").execute(),
    deliveries: await db.selectFrom("deliveries").selectAll().orderBy("combination_id").execute(),
    combinations: await db
      .selectFrom("combinations")
      .select(["id", "duration_seconds", "size_bytes"])
      .orderBy("id")
      .execute(),
  });
  const before = await content();
  expect(before.batches).toEqual([{ id: "b1", shown_finished_at: expect.any(Date) }]);
  expect(before.takers.length).toBeGreaterThan(20);
  for (const statement of BACK) await sql.raw(statement).execute(db);
  await migrate(db);
  expect(await content()).toEqual(before);
  // Failures from before there were codes have none, and others have no mark.
  const rows = await db.selectFrom("combinations").select(["step", "failures"]).execute();
  expect(rows.filter(({ step }) => steps[step] === "failed").length).toBeGreaterThan(20);
  for (const { step, failures } of rows) expect(failures).toEqual(steps[step] === "failed" ? uncoded : null);
});

/** The tables after 0006: only the code of the first failure. */
const BACK_TO_0006 = [
  "alter table combinations add failure_code smallint",
  "update combinations set failure_code = (-1000 - failures[1]) % 64 where failures is not null",
  `create index combinations_by_failure_code on combinations (batch_id, failure_code, ordinal)
    where failure_code is not null`,
  "alter table combinations drop column failures",
  "delete from takers where mark <= -1000",
  "drop table sounds_used, notification_checkpoint, notification_books, notifications, audit_log, usage, usage_checkpoint",
  "drop function audit_log_refuses, audit_log_durable",
  "delete from kysely_migration where name >= '0008'",
];

it("marks each delivery that failed before", needs(isPostgresThere, "needs PostgreSQL"), async () => {
  const { db, store } = await openDatabase();
  const facts = sortable(205, { approval: false });
  await store.take(facts, 0);
  const content = async () => ({
    failures: (await db.selectFrom("combinations").select(["id", "failures"]).orderBy("id").execute()).map(
      ({ id, failures }) => ({ id, failures: failures?.filter((mark) => mark > FIRST_CAUSE) ?? null }),
    ),
    takers: await db
      .selectFrom("takers")
      .selectAll()
      .where("mark", ">", FIRST_CAUSE)
      .orderBy("mark")
      .orderBy("page")
      .execute(),
  });
  const before = await content();
  expect(before.failures.filter(({ failures }) => failures?.length === 2).length).toBeGreaterThan(20);
  for (const statement of BACK_TO_0006) await sql.raw(statement).execute(db);
  await migrate(db);
  expect(await content()).toEqual(before);
});
