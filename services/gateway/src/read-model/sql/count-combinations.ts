import { type Kysely, sql } from "kysely";
import type { Direction } from "../order.js";
import type { CombinationsQuery } from "../read-model.js";
import { countsIn } from "./bitmap.js";
import { knownChoices } from "./choice-numbers.js";
import { readBitmaps } from "./read-bitmaps.js";
import type { Tables } from "./tables.js";
import { anyState, wantedMarks } from "./wanted-marks.js";

/** How many combinations match. */
export async function countCombinations(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
): Promise<number> {
  let total = 0;
  for await (const [, count] of countsByPage(db, batchId, query, "asc")) total += count;
  return total;
}

/** How many combinations match, by page of ordinals, from the bitmaps. */
export async function* countsByPage(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
  direction: Direction,
): AsyncGenerator<[page: number, count: number]> {
  const wanted = wantedMarks(query, await knownChoices(db, batchId));
  if (!wanted) return;
  const sets = [...wanted.sets, anyState];
  const marks = [...new Set(sets.flat())];
  const where = sql<boolean>`mark = any(${marks}::integer[])`;
  for await (const rows of readBitmaps(db, batchId, { where, marks: marks.length, direction }))
    yield* countsIn(rows, sets);
}
