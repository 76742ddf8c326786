import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { openFolderStore } from "@polyreel/platform/blobs";
import { createLog } from "@polyreel/platform/runtime";
import { needs } from "@polyreel/platform/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectionStores } from "../../read-model/testing/projection-stores.js";
import { type Action, auditEntry } from "../audit-entry.js";
import { lowestAuditId } from "../audit-id.js";
import type { AuditQuery, AuditStore } from "./audit-store.js";
import { ReservedAudit } from "./reserved-audit.js";
import { SqlAudit } from "./sql-audit.js";
import { StoredAudit } from "./stored-audit.js";

const releasers = new Releasers();
afterAll(() => releasers.close());

async function storedAudit(): Promise<StoredAudit> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-audit-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  return new StoredAudit(await openFolderStore(folder));
}

const ALL: AuditQuery = {
  ...{ scope: { all: true }, principal: "", action: "", object: "", outcome: "", from: undefined, to: undefined },
  limit: 100,
};
const BEGAN = Date.UTC(2026, 0, 1);

const entry = (minute: number, object: string, rest: Partial<Action> = {}) =>
  auditEntry(
    {
      ...{ tenant: "acme", principal: { kind: "key", id: "k1", name: "farm" }, outcome: "ok" },
      ...{ action: "polyreel.v1.BatchService/CancelBatch", object: { kind: "batch", id: object } },
      ...{ fields: ["batch_id"], reason: 'it\'s \\u{0} "quoted" %_', address: "::1", traceId: "t", requestId: "r" },
      ...rest,
    },
    BEGAN + minute * 60_000,
  );

const opened: [string, (() => Promise<AuditStore>) | undefined][] = projectionStores(releasers).map(([name, open]) => {
  if (!open) return [name, undefined];
  return [name, async () => (await open()).audit ?? (await storedAudit())];
});

describe.each(opened)("the audit log in %s", (_, open) => {
  const entries = [
    entry(0, "b1"),
    entry(1, "b2", { tenant: "other", principal: { kind: "local" } }),
    entry(2, "b1", { outcome: "permission_denied", action: "PUT /sources/*", object: undefined }),
    entry(3, "b3", { action: "polyreel.v1.BatchService/DeleteBatch" }),
  ];
  let store: AuditStore;
  beforeAll(async () => {
    if (!open) return;
    store = await open();
    await store.append(entries.slice(0, 3));
    await store.append(entries.slice(2)); // One of them again.
  }, 60_000);
  const found = async (query: Partial<AuditQuery>) =>
    (await store.list({ ...ALL, ...query })).map(({ id }) => entries.findIndex((one) => one.id === id));

  it("returns what was added, the newest first", needs(open, "needs PostgreSQL"), async () => {
    expect(await store.list(ALL)).toEqual(entries.toReversed());
  });

  it.each<[Partial<AuditQuery>, number[]]>([
    [{ scope: { tenant: "acme" } }, [3, 2, 0]],
    [{ scope: { tenant: "" } }, []],
    [{ principal: "k1" }, [3, 2, 0]],
    [{ principal: "farm" }, [3, 2, 0]],
    [{ principal: "local" }, [1]],
    [{ action: "CancelBatch" }, [1, 0]],
    [{ action: "polyreel.v1.BatchService/DeleteBatch" }, [3]],
    [{ action: "%Batch" }, []],
    [{ object: "b1" }, [0]],
    [{ outcome: "ok" }, [3, 1, 0]],
    [{ outcome: "refused" }, [2]],
    [{ from: new Date(BEGAN + 60_000) }, [3, 2, 1]],
    [{ to: new Date(BEGAN + 60_000) }, [0]],
    [{ from: new Date(BEGAN + 60_000), to: new Date(BEGAN + 120_000) }, [1]],
    [{ limit: 2 }, [3, 2]],
    [{ limit: 2, before: entries[2]?.id }, [1, 0]],
  ])("filters by %j", needs(open, "needs PostgreSQL"), async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it("is append-only by the database", needs(open, "needs PostgreSQL"), async () => {
    if (!(store instanceof SqlAudit)) return;
    // biome-ignore lint/complexity/useLiteralKeys: what no other way reaches.
    const db = store["db"];
    for (const statement of ["update audit_log set tenant = 'x'", "delete from audit_log", "truncate audit_log"]) {
      await expect(sql.raw(statement).execute(db)).rejects.toThrow("The audit log is append-only");
    }
    expect(await found({})).toEqual([3, 2, 1, 0]);
  });

  it("loses nothing to paging, and removes only what is older", needs(open, "needs PostgreSQL"), async () => {
    await store.append(Array.from({ length: 40 }, (_, i) => entry(-100 + i, `old${i}`)));
    const seen: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await store.list({ ...ALL, before, limit: 7 });
      seen.push(...page.map(({ id }) => id));
      before = page.at(-1)?.id;
      if (page.length < 7) break;
    }
    expect(new Set(seen).size).toBe(44);
    expect(await store.removeBelow(lowestAuditId(new Date(BEGAN)))).toBe(40);
    expect(await found({})).toEqual([3, 2, 1, 0]);
  });
});

it("keeps in the store what a database does not take, and moves it when it is back", async () => {
  const kept: AuditStore = await storedAudit();
  let isThere = false;
  const database: AuditStore = {
    append: async (entries) => {
      if (!isThere) throw new Error("away");
      await kept.append(entries);
    },
    list: (query) => kept.list(query),
    removeBelow: async () => 0,
  };
  const reserve = await storedAudit();
  const audit = new ReservedAudit(database, reserve, createLog("test", "silent"));
  const [first, second, third] = [entry(0, "1"), entry(1, "2"), entry(2, "3")];
  await audit.append([first, second]);
  await audit.moveReserved();
  expect(await reserve.list(ALL)).toHaveLength(2);
  isThere = true;
  await audit.append([third]);
  await audit.moveReserved();
  expect(await kept.list(ALL)).toEqual([third, second, first]);
  expect(await reserve.list(ALL)).toEqual([]);
});
