import type { Kysely, Selectable } from "kysely";
import type { CombinationRecord } from "../batch-record.js";
import { comparePositions, positionOf } from "../combination-order.js";
import type { CombinationsQuery } from "../read-model.js";
import { combinationStatus } from "../status.js";
import { ordinalsWithMarks } from "./choice-bitmaps.js";
import type { ChoiceNumbers } from "./choice-numbers.js";
import { readScans, stepOf } from "./read-scans.js";
import { combinationRecord } from "./rows.js";
import { steps } from "./steps.js";
import type { CombinationsTable, Tables } from "./tables.js";
import { type WantedMarks, wantedMarks } from "./wanted-marks.js";

type Row = Selectable<CombinationsTable>;

/** This many rows are scanned in a few milliseconds. */
const FEW = 5000;

/** A page of a batch's combinations: found by indexes or bitmaps, however many there are. */
export async function findCombinations(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
  numbers: ChoiceNumbers,
  few = FEW,
): Promise<CombinationRecord[]> {
  const marks = wantedMarks(query, numbers);
  if (!marks) return [];
  const rows =
    marks.sets.length > marks.states.length
      ? await withMarks(db, batchId, query, marks, few)
      : await readScans(db, batchId, query);
  // Facts may have added choices since they were loaded.
  if (rows.some(({ choices }) => choices.some((number) => !numbers.has(number)))) await numbers.load(db);
  const compare = comparePositions(query.order);
  return rows
    .map((row) => combinationRecord(row, (number) => numbers.chosen(number)))
    .map((record) => ({ record, position: positionOf(combinationStatus(record), query.order) }))
    .sort((a, b) => compare(a.position, b.position))
    .slice(0, query.limit)
    .map(({ record }) => record);
}

/**
 * The bitmaps show which combinations have the choices, failures and state: piece by piece in the batch's order; in
 * another order all of them at once, if they are few. If they are many, a scan over all combinations soon finds some.
 */
async function withMarks(
  db: Kysely<Tables>,
  batchId: string,
  query: CombinationsQuery,
  { sets, blocks, causes }: WantedMarks,
  few: number,
): Promise<Row[]> {
  const { state, order, after, limit } = query;
  const step = steps[stepOf(state)];
  if (order.key === "ordinal" && (step || !order.state)) {
    const rows: Row[] = [];
    const takers = ordinalsWithMarks(db, batchId, sets, { from: after?.ordinal, direction: order.direction });
    for await (const ordinals of inGrowingPieces(takers, limit + 1, few)) {
      rows.push(...(await readScans(db, batchId, query, { ordinals, causes })));
      if (rows.length >= limit) break;
    }
    return rows;
  }
  const all: number[] = [];
  for await (const ordinals of ordinalsWithMarks(db, batchId, sets, { from: undefined, direction: "asc" })) {
    if (all.length + ordinals.length > few) return readScans(db, batchId, query, { blocks, causes });
    all.push(...ordinals);
  }
  return readScans(db, batchId, query, { ordinals: all, causes });
}

/** Each twice as large as the previous one: changes since the bitmaps were read may leave too few. */
async function* inGrowingPieces(
  source: AsyncIterable<readonly number[]>,
  first: number,
  most: number,
): AsyncGenerator<number[]> {
  let piece: number[] = [];
  let size = first;
  for await (const numbers of source) {
    for (const number of numbers) {
      piece.push(number);
      if (piece.length < size) continue;
      yield piece;
      piece = [];
      size = Math.min(size * 2, most);
    }
  }
  if (piece.length > 0) yield piece;
}
