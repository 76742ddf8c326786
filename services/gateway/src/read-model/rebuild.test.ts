import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { Kysely, PostgresDialect } from "kysely";
import { afterEach, expect, it } from "vitest";
import { ALL_TENANTS } from "../call/call.js";
import { runGateway } from "../testing/running-gateway.js";
import { BatchChanges } from "./batch-changes.js";
import { Projection } from "./projection.js";
import { migrate } from "./sql/migrate.js";
import { PglitePool } from "./sql/pglite/pglite-pool.js";
import { PgliteThread } from "./sql/pglite/pglite-thread.js";
import { SqlProjectionStore } from "./sql/sql-projection-store.js";
import type { Tables } from "./sql/tables.js";
import { history } from "./testing/history.js";

const releasers = new Releasers();
afterEach(() => releasers.close());

it("fills the tables with the same content as before", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-rebuild-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  const { platform } = releasers.use(await runGateway());
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new PglitePool(new PgliteThread(folder)) }) });
  await migrate(db);
  const store = new SqlProjectionStore(db, () => db.destroy());
  releasers.use(store);
  const projection = releasers.use(
    new Projection({
      stream: platform.stream,
      batches: platform.batches,
      store,
      log: createLog("test", "silent"),
      changes: new BatchChanges(),
      completed: () => {},
    }),
  );
  let last = 0;
  for (const { name, fact, batchId, sequence } of history()) {
    const ack = await platform.publisher.publish(name, { ...fact, batchId } as never, { id: String(sequence) });
    last = ack.seq;
  }
  await projection.reached(last);
  // The gateway publishes the end; then nothing more arrives.
  const finished = async () => (await store.batch("b1", ALL_TENANTS))?.finishedSequence !== undefined;
  await expect.poll(finished, { timeout: 60_000 }).toBe(true);

  const tables = [
    "checkpoint",
    "batches",
    "choices",
    "combinations",
    "parts",
    "attempts",
    "deliveries",
    "takers",
    "ends",
  ] as const;
  const content = async () =>
    Promise.all(tables.map(async (table) => (await db.selectFrom(table).selectAll().execute()).map(sortable).sort()));
  const before = await content();
  expect(before.map((rows) => rows.length)).toEqual([1, 2, 6, 5, 3, 1, 2, 11, 1]);
  await projection.rebuild(AbortSignal.timeout(30_000));
  expect(await content()).toEqual(before);
});

const sortable = (row: object): string =>
  JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value));
