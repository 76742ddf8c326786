import { CombinationState, FailureCode } from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { needs } from "@polyreel/platform/testing";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALL_TENANTS } from "../../call/call.js";
import { BY_ORDINAL, type CombinationKey, positionOf } from "../combination-order.js";
import type { CombinationsQuery } from "../read-model.js";
import { combinationStatus } from "../status.js";
import { isPostgresThere, postgresUrl } from "../testing/projection-stores.js";
import { sortable } from "../testing/sortable.js";
import { ChoiceNumbers } from "./choice-numbers.js";
import { findCombinations } from "./find-combinations.js";
import { migrate } from "./migrate.js";
import { SETTINGS } from "./settings.js";
import { SqlProjectionStore } from "./sql-projection-store.js";
import type { Tables } from "./tables.js";

const { FAILED } = CombinationState;
const INTERNAL = { state: FAILED, failureCodes: [FailureCode.INTERNAL] };
const COUNT = 6000;
const LIMIT = 10;
/** More than this counts as many, so that both strategies are used. */
const FEW = 700;

/** Maximum number of rows scanned for a page of ten; with many matches, a page is found after skipping some rows. */
const MAX_ROWS = 120;

const releasers = new Releasers();
afterAll(() => releasers.close());

describe("a page of any number of combinations", needs(isPostgresThere, "needs PostgreSQL"), () => {
  let pool: pg.Pool;
  let db: Kysely<Tables>;
  let statements: { sql: string; parameters: readonly unknown[] }[] = [];
  beforeAll(async () => {
    const connectionString = await postgresUrl(releasers);
    const options = Object.entries(SETTINGS).map(([name, value]) => `-c ${name}=${value}`);
    const { getTypeParser } = pg.types;
    const types = {
      getTypeParser: (type: number) => (type === 20 ? Number : getTypeParser(type)),
    } as pg.CustomTypesConfig;
    pool = new pg.Pool({ connectionString, options: options.join(" "), types });
    db = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query: { sql, parameters } }) => {
        statements.push({ sql, parameters });
      },
    });
    releasers.add(() => db.destroy());
    await migrate(db);
    const store = new SqlProjectionStore(db, async () => {});
    await store.begin({ created: "stream", last: COUNT * 2 });
    await store.take(sortable(COUNT), 0);
  });

  const find = async (one: Partial<CombinationsQuery>) => {
    const numbers = new ChoiceNumbers("b1");
    await numbers.load(db);
    const all = {
      scope: ALL_TENANTS,
      state: CombinationState.UNSPECIFIED,
      choices: [],
      order: BY_ORDINAL,
      after: undefined,
      limit: LIMIT,
    };
    statements = [];
    const found = await findCombinations(db, "b1", { ...all, ...one }, numbers, FEW);
    return found.map((record) => combinationStatus(record));
  };

  /** Rows of combinations that the statements of the last page scanned, as counted by PostgreSQL. */
  const rowsPassed = async () => {
    let rows = 0;
    for (const { sql, parameters } of statements) {
      const explained = await pool.query(`explain (analyze, format json) ${sql}`, [...parameters]);
      rows += rowsIn((explained.rows[0] as { "QUERY PLAN": { Plan: Plan }[] })["QUERY PLAN"][0]?.Plan);
    }
    return rows;
  };

  const keys: CombinationKey[] = ["ordinal", "ended_at", "duration", "size"];
  const orders = keys.flatMap((key) =>
    (["asc", "desc"] as const).flatMap((direction) =>
      ([undefined, "desc"] as const).map((state) => ({ state, key, direction })),
    ),
  );

  // The new table was not analyzed, like a table that a batch is filling.
  it.each(orders)("is found by few rows in the order of %j", async (order) => {
    const first = await find({ order });
    expect(first).toHaveLength(LIMIT);
    expect(await rowsPassed()).toBeLessThan(MAX_ROWS);
    const last = first.at(-1);
    const next = await find({ order, after: last && positionOf(last, order) });
    expect(await rowsPassed()).toBeLessThan(MAX_ROWS);
    expect(new Set([...first, ...next].map(({ id }) => id)).size).toBe(2 * LIMIT);
  });

  const digit = (choice: string) => ({ block: "digit", choice });
  const half = (choice: string) => ({ block: "half", choice });
  const only = { block: "rare", choice: "only" };
  it.each<[string, Partial<CombinationsQuery>, ids: string[]]>([
    ["one that is the last of all", { choices: [only] }, ["c5999"]],
    ["one, backwards", { choices: [only], order: { ...BY_ORDINAL, direction: "desc" } }, ["c5999"]],
    ["one of a state", { choices: [only], state: CombinationState.DELIVERED }, ["c5999"]],
    ["one of another state", { choices: [only], state: CombinationState.FAILED }, []],
    ["one by size", { choices: [only], order: { ...BY_ORDINAL, key: "size" } }, ["c5999"]],
    ["choices that are never taken together", { choices: [only, half("first")] }, []],
    ["a half that begins late", { choices: [half("second"), digit("1")], limit: 2 }, ["c3001", "c3011"]],
    [
      "many in a state that none of them is in",
      { choices: [digit("1")], state: CombinationState.RENDERED, limit: 2 },
      ["c1", "c21"],
    ],
    ["many by another order", { choices: [half("first")], order: { ...BY_ORDINAL, key: "size" }, limit: 1 }, ["c27"]],
    ["one that failed with a code", { state: FAILED, failureCodes: [FailureCode.INTERNAL] }, ["c5998"]],
    ["one that failed so, by another order", { ...INTERNAL, order: { ...BY_ORDINAL, key: "ended_at" } }, ["c5998"]],
    ["one of which a delivery did", { ...INTERNAL, deliveries: [1] }, ["c5998"]],
    ["one of which another delivery did", { ...INTERNAL, deliveries: [0] }, []],
    ["one that failed so and takes a choice", { ...INTERNAL, choices: [digit("7")] }, []],
    ["many of which a delivery failed", { state: FAILED, deliveries: [1], limit: 2 }, ["c6", "c14"]],
  ])("is found by few rows of rare choices and failures: %s", async (_, one, ids) => {
    expect((await find(one)).map(({ id }) => id)).toEqual(ids);
    expect(await rowsPassed()).toBeLessThan(MAX_ROWS);
  });

  it("scans the few combinations with a choice in another order", async () => {
    const found = await find({ choices: [digit("3")], order: { ...BY_ORDINAL, key: "size", direction: "desc" } });
    expect(found).toHaveLength(LIMIT);
    expect(await rowsPassed()).toBeLessThan(2 * FEW);
  });

  it("is empty for an unknown choice", async () => {
    expect(await find({ choices: [digit("11")] })).toEqual([]);
    expect(statements).toEqual([]);
  });
});

interface Plan {
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Plan[];
}

/** Rows of each table scan: returned and filtered out, for all loops. */
function rowsIn(plan: Plan | undefined): number {
  if (!plan) return 0;
  const { "Actual Rows": rows, "Actual Loops": loops, "Rows Removed by Filter": removed = 0 } = plan;
  const own = plan["Relation Name"] === "combinations" ? (rows + removed) * loops : 0;
  return (plan.Plans ?? []).reduce((sum, one) => sum + rowsIn(one), own);
}
