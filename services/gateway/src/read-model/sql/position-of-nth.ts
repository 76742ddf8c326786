import { CombinationState } from "@polyreel/contract";
import { type Kysely, sql } from "kysely";
import { type CombinationPosition, hasValue } from "../combination-order.js";
import type { CombinationsQuery } from "../read-model.js";
import { STATES } from "../status.js";
import { PAGE } from "./bitmap.js";
import { ordinalsWithMarks } from "./choice-bitmaps.js";
import { knownChoices } from "./choice-numbers.js";
import { countCombinations, countsByPage } from "./count-combinations.js";
import { wantedFailures } from "./failure-marks.js";
import { steps } from "./steps.js";
import type { Tables } from "./tables.js";
import { anyState, wantedMarks } from "./wanted-marks.js";

/** Position of the combination that is the `count`th of those that match, from 1; undefined if there are fewer. */
export async function positionOfNth(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
  count: number,
): Promise<CombinationPosition | undefined> {
  const { order, state } = query;
  if (order.key !== "ordinal") return await sortedNth(db, batchId, query, count);
  if (!order.state || state !== CombinationState.UNSPECIFIED) return await nthByOrdinal(db, batchId, query, count);
  const states = Object.values(STATES).sort((a, b) => (order.state === "asc" ? a - b : b - a));
  let left = count;
  for (const one of states) {
    const ofState = { ...query, state: one };
    const matching = await countCombinations(db, batchId, ofState);
    if (matching >= left) return await nthByOrdinal(db, batchId, ofState, left);
    left -= matching;
  }
  return undefined;
}

/** By counting in the bitmaps: a million combinations are 245 pages. */
async function nthByOrdinal(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
  count: number,
): Promise<CombinationPosition | undefined> {
  const { direction } = query.order;
  let left = count;
  for await (const [page, matching] of countsByPage(db, batchId, query, direction)) {
    if (matching < left) {
      left -= matching;
      continue;
    }
    const sets = [...(wantedMarks(query, await knownChoices(db, batchId))?.sets ?? []), anyState];
    const from = direction === "asc" ? page * PAGE : (page + 1) * PAGE - 1;
    for await (const ordinals of ordinalsWithMarks(db, batchId, sets, { from, direction })) {
      const ordinal = ordinals[left - 1];
      if (ordinal !== undefined) return { state: query.state, value: undefined, ordinal };
      left -= ordinals.length; // Some have changed since they were counted.
    }
  }
  return undefined;
}

const COLUMNS = { ended_at: "ended_at", duration: "duration_seconds", size: "size_bytes" } as const;

/** In other orders the database sorts what precedes it; the gateway receives one row. */
async function sortedNth(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
  count: number,
): Promise<CombinationPosition | undefined> {
  const { order, state } = query;
  const wanted = wantedMarks(query, await knownChoices(db, batchId));
  if (!wanted || order.key === "ordinal") return undefined;
  const column = sql.ref(COLUMNS[order.key]);
  const direction = sql.raw(order.direction);
  const step = steps.findIndex((one) => STATES[one] === state);
  const failures = [wantedFailures(query), wanted.causes].filter(({ length }) => length > 0);
  const conditions = [
    sql`batch_id = ${batchId}`,
    ...(step < 0 ? [] : [sql`step = ${step}::smallint`]),
    ...wanted.blocks.map((choices) => sql`choices && ${[...choices]}::integer[]`),
    ...failures.map((marks) => sql`failures && ${[...marks]}::integer[]`),
  ];
  const rank = sql`(${steps.map((one) => STATES[one])}::integer[])[step + 1]`;
  const byState = order.state ? [sql`${rank} ${sql.raw(order.state)}`] : [];
  const value = order.key === "ended_at" ? sql`extract(epoch from ${column}) * 1000` : column;
  const { rows } = await sql<{ step: number; value: number | null; ordinal: number }>`
    select step, (${value})::float8 as value, ordinal from combinations where ${sql.join(conditions, sql` and `)}
    order by ${sql.join([...byState, sql`${column} is null`, sql`${column} ${direction}`, sql`ordinal ${direction}`])}
    offset ${count - 1}::bigint limit 1`.execute(db);
  const [row] = rows;
  const found = row && steps[row.step];
  if (!found) return undefined;
  const isValued = hasValue(order.key, STATES[found]) && row.value !== null;
  return { state: STATES[found], value: isValued ? (row.value ?? undefined) : undefined, ordinal: row.ordinal };
}
