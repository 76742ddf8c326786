import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { needs } from "@polyreel/platform/testing";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factMessage, submitted } from "../../testing/fact-messages.js";
import { isPostgresThere, postgresUrl } from "../../testing/projection-stores.js";
import { openPglite } from "../pglite/open-pglite.js";
import { openPostgres } from "../postgres/open-postgres.js";
import type { SqlProjectionStore } from "../sql-projection-store.js";
import { readWithin } from "./reader-session.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

const log = createLog("test", "silent");
const ACME = { tenant: "acme" } as const;

const openers: [string, (() => Promise<SqlProjectionStore>) | undefined][] = [
  [
    "PGlite",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "polyreel-pglite-"));
      releasers.add(() => rm(folder, { recursive: true, force: true }));
      return openPglite(folder);
    },
  ],
  ["PostgreSQL", isPostgresThere ? async () => openPostgres(await postgresUrl(releasers), log) : undefined],
];

describe.each(openers)("rows in %s", (_, open) => {
  let store: SqlProjectionStore;
  /** A query that forgot its tenant. */
  const unfiltered = async (table: "batches" | "choices") => {
    // biome-ignore lint/complexity/useLiteralKeys: what no other way reaches.
    const db = store["db"];
    const { rows } = await sql<{ id: string }>`select ${sql.ref(table === "batches" ? "id" : "batch_id")} as id
      from ${sql.table(table)} order by 1`.execute(db);
    return rows.map(({ id }) => id);
  };
  beforeAll(async () => {
    if (!open) return;
    store = releasers.use(await open());
    await store.begin({ created: "stream", last: 10 });
    const facts = [submitted("a1", "acme", 1), submitted("g1", "globex", 1), submitted("a2", "acme", 1)];
    await store.take(
      facts.map((fact, i) => factMessage(...fact, i + 1, fact[1].batchId)),
      0,
    );
    // biome-ignore lint/complexity/useLiteralKeys: as above.
    const db = store["db"];
    for (const id of ["a1", "g1"]) {
      await db.insertInto("choices").values({ batch_id: id, number: 1, chosen: new Uint8Array() }).execute();
    }
  }, 120_000);

  it(
    "of other tenants are invisible to a read for one, even to a query without a condition",
    needs(open, "needs PostgreSQL"),
    async () => {
      expect(await readWithin(ACME, () => unfiltered("batches"))).toEqual(["a1", "a2"]);
      expect(await readWithin(ACME, () => unfiltered("choices"))).toEqual(["a1"]);
      expect(await readWithin({ tenant: "globex" }, () => unfiltered("batches"))).toEqual(["g1"]);
      expect(await readWithin({ tenant: "' or true --" }, () => unfiltered("batches"))).toEqual([]);
      expect(await readWithin({ all: true }, () => unfiltered("batches"))).toEqual(["a1", "a2", "g1"]);
      expect(await unfiltered("batches")).toEqual(["a1", "a2", "g1"]);
    },
  );

  it("are read-only there, and reads at once do not mix", needs(open, "needs PostgreSQL"), async () => {
    // biome-ignore lint/complexity/useLiteralKeys: as above.
    const db = store["db"];
    const deletion = readWithin(ACME, () => db.deleteFrom("batches").execute());
    await expect(deletion).rejects.toThrow("permission denied");
    const tenants = Array.from({ length: 60 }, (_, i) => ["acme", "globex", undefined][i % 3]);
    const found = await Promise.all(
      tenants.map((tenant) => readWithin(tenant ? { tenant } : { all: true }, () => unfiltered("batches"))),
    );
    const expected = { acme: ["a1", "a2"], globex: ["g1"] } as Record<string, string[]>;
    expect(found).toEqual(tenants.map((tenant) => expected[tenant ?? ""] ?? ["a1", "a2", "g1"]));
  });

  it("are read so by the read model", needs(open, "needs PostgreSQL"), async () => {
    expect(await store.batch("g1", ACME)).toBeUndefined();
    expect(await store.batch("a1", ACME)).toMatchObject({ status: { tenant: "acme" } });
    expect((await store.keptBatches(ACME)).map(({ batchId }) => batchId).sort()).toEqual(["a1", "a2"]);
  });
});

it("opens without it for a user that may not make roles", needs(isPostgresThere, "needs PostgreSQL"), async () => {
  const url = await postgresUrl(releasers);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const database = new URL(url).pathname.slice(1);
  await client.query(
    `create role plain login; grant all on database ${database} to plain; grant all on schema public to plain`,
  );
  await client.end();
  const store = releasers.use(await openPostgres(url.replace("polyreel@", "plain@"), log));
  await store.begin({ created: "stream", last: 1 });
  await store.take([factMessage(...submitted("a1", "acme", 1), 1, "a1")], 0);
  expect(await store.batch("a1", ACME)).toMatchObject({ status: { tenant: "acme" } });
  expect(await store.batch("a1", { tenant: "globex" })).toBeUndefined();
});
