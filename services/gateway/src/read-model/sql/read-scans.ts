import type { CombinationState } from "@polyreel/contract";
import { type Kysely, type RawBuilder, type Selectable, sql } from "kysely";
import type { CombinationsQuery } from "../read-model.js";
import { STATES } from "../status.js";
import { wantedFailures } from "./failure-marks.js";
import { lookUp } from "./look-up.js";
import { type Scan, scansOf } from "./scans.js";
import { steps } from "./steps.js";
import type { CombinationsTable, Tables } from "./tables.js";

/** Which combinations the scans cover: all, those at some ordinals, or those with a choice of each block. */
export interface Among {
  readonly ordinals?: readonly number[];
  readonly blocks?: readonly (readonly number[])[];
  /** Marks of causes, of which they must have one; empty for any. */
  readonly causes?: readonly number[];
}

/**
 * Candidate rows of a page: from each scan as many as requested and not found in earlier ones. In one statement, for a
 * consistent snapshot.
 */
export async function readScans(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
  { ordinals, blocks = [], causes = [] }: Among = {},
): Promise<Selectable<CombinationsTable>[]> {
  const groups = scansOf(query);
  if (groups.length === 0) return [];
  const rowsOf = (
    scan: Scan,
    limit: RawBuilder<unknown>,
  ) => sql`(select * from ${sql.table(ordinals ? "these" : "combinations")}
    where ${sql.join([sql`batch_id = ${batchId}`, ...conditions(scan, query), ...blocks.map(takes), ...failedWith(wantedFailures(query)), ...failedWith(causes)], sql` and `)}
    order by ${inOrder(scan, query)} limit ${limit})`;
  const names = groups.map((_, i) => `group${i}`);
  const found = groups.map((scans, i) => {
    const limit = stillWanted(query.limit, names.slice(0, i));
    return as(names[i] ?? "", union(scans.map((scan) => rowsOf(scan, limit))));
  });
  const keys = { ordinal: { type: "bigint", values: ordinals ?? [] } } as const;
  const these = ordinals ? [as("these", lookUp("combinations", batchId, keys))] : [];
  const statement = sql<
    Selectable<CombinationsTable>
  >`with ${sql.join([...these, ...found])} ${union(names.map(allOf))}`;
  return (await statement.execute(db)).rows;
}

const as = (name: string, rows: RawBuilder<unknown>) => sql`${sql.table(name)} as materialized (${rows})`;

const union = (parts: readonly RawBuilder<unknown>[]) => sql.join(parts, sql` union all `);

const allOf = (name: string) => sql`select * from ${sql.table(name)}`;

const stillWanted = (limit: number, before: readonly string[]): RawBuilder<unknown> =>
  before.length === 0
    ? sql`${limit}::bigint`
    : sql`(select greatest(0, ${limit}::bigint - count(*)) from (${union(before.map(allOf))}) as before)`;

function conditions({ state, column, behind }: Scan, { order }: CombinationsQuery): RawBuilder<unknown>[] {
  const beyond = sql.raw(order.direction === "asc" ? ">" : "<");
  const isBehind = !behind
    ? []
    : column
      ? [sql`(${sql.ref(column)}, ordinal) ${beyond} (${parameterOf(column, behind.value)}, ${behind.ordinal}::bigint)`]
      : [sql`ordinal ${beyond} ${behind.ordinal}::bigint`];
  return [
    ...(state === undefined ? [] : [sql`step = ${stepOf(state)}::smallint`]),
    ...(column ? [sql`${sql.ref(column)} is not null`] : []),
    ...isBehind,
  ];
}

function parameterOf(column: NonNullable<Scan["column"]>, value = 0): RawBuilder<unknown> {
  switch (column) {
    case "ended_at":
      return sql`${new Date(value).toISOString()}::timestamptz`;
    case "duration_seconds":
      return sql`${value}::float8`;
    case "size_bytes":
      return sql`${value}::bigint`;
  }
}

function inOrder({ column }: Scan, { order }: CombinationsQuery): RawBuilder<unknown> {
  const direction = sql.raw(order.direction);
  return column ? sql`${sql.ref(column)} ${direction}, ordinal ${direction}` : sql`ordinal ${direction}`;
}

const failedWith = (marks: readonly number[]): RawBuilder<unknown>[] =>
  marks.length === 0 ? [] : [sql`failures && ${[...marks]}::integer[]`];

const takes = (choices: readonly number[]) => sql`choices && ${[...choices]}::integer[]`;

/** The stored number of a state. */
export const stepOf = (state: CombinationState): number => steps.findIndex((step) => STATES[step] === state);
