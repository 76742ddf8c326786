import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely, PostgresDialect, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { factMessage, submitted } from "../../testing/fact-messages.js";
import { openPglite } from "./open-pglite.js";
import { PglitePool } from "./pglite-pool.js";
import { PgliteThread } from "./pglite-thread.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-pglite-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const stream = { created: "stream", last: 10 };

it("continues where it was left, is exclusive to one process, and refuses a newer schema", async () => {
  await mkdir(join(folder, "pglite.making")); // Left by a process killed while it created the database.
  await writeFile(join(folder, "pglite.making", "PG_VERSION"), "17\n");
  const first = await openPglite(folder);
  await first.begin(stream);
  await first.take([factMessage(...submitted("b1", "acme", 1), 3)], 0);
  await expect(openPglite(folder)).rejects.toThrow(`belongs to another process (${process.pid})`);
  await first.close();

  await writeFile(join(folder, "lock"), String(process.ppid)); // Left by a killed process.
  const second = await openPglite(folder);
  expect(await second.begin(stream)).toBe(3);
  expect(await second.batch("b1", { all: true })).toMatchObject({ status: { tenant: "acme" } });
  await second.close();

  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new PglitePool(new PgliteThread(join(folder, "pglite"))) }),
  });
  await sql`insert into kysely_migration values ('9999-later', 'now')`.execute(db);
  await db.destroy();
  await expect(openPglite(folder)).rejects.toThrow("has a newer schema (9999-later)");
  await expect(openPglite(folder)).rejects.toThrow("newer schema"); // And releases the folder.
});
