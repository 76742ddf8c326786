import { type Kysely, sql } from "kysely";
import type { Direction } from "../order.js";
import { ordinalsIn, PAGE, PAGE_BYTES, write } from "./bitmap.js";
import { lookUp } from "./look-up.js";
import { type Bitmap, readBitmaps } from "./read-bitmaps.js";
import type { Tables } from "./tables.js";
import { upsert, upserts } from "./upsert.js";

/** Whether a combination has a mark: takes the choice with this number, or is in a state. */
export interface Bit {
  readonly ordinal: number;
  readonly mark: number;
  readonly is: boolean;
}

/**
 * Updates the bitmaps of a batch. A mark's bitmap is a row for each 4096 ordinals, written once for all facts that are
 * applied together, which costs much less than an index entry for each combination and choice.
 */
export async function writeBits(db: Kysely<Tables>, batchId: string, bits: readonly Bit[]): Promise<void> {
  if (bits.length === 0) return;
  const bitmaps = new Map<number, Bitmap>();
  for (const { ordinal, mark } of bits) {
    const page = Math.floor(ordinal / PAGE);
    const key = keyOf(mark, page);
    if (!bitmaps.has(key)) bitmaps.set(key, { mark, page, ordinals: new Uint8Array(PAGE_BYTES) });
  }
  const wanted = [...bitmaps.values()];
  const { rows } = await lookUp<Bitmap>("takers", batchId, {
    mark: { type: "integer", values: wanted.map(({ mark }) => mark) },
    page: { type: "integer", values: wanted.map(({ page }) => page) },
  }).execute(db);
  for (const { mark, page, ordinals } of rows) bitmaps.get(keyOf(mark, page))?.ordinals.set(ordinals);
  for (const { ordinal, mark, is } of bits) {
    const bitmap = bitmaps.get(keyOf(mark, Math.floor(ordinal / PAGE)));
    if (bitmap) write(bitmap.ordinals, ordinal % PAGE, is);
  }
  const changed = wanted.map(({ mark, page, ordinals }) => ({
    batch_id: batchId,
    mark,
    page,
    ordinals: Buffer.from(ordinals).toString("base64"),
  }));
  await upsert(db, upserts.takers, changed);
  for (const { mark, page, ordinals } of wanted) if (ordinals.every((byte) => byte === 0)) await drop(mark, page);

  /** An empty bitmap is removed: the tables do not depend on whether facts arrived together or singly. */
  async function drop(mark: number, page: number): Promise<void> {
    const rows = db.deleteFrom("takers").where("batch_id", "=", batchId).where("mark", "=", mark);
    await rows.where("page", "=", page).execute();
  }
}

/** A number, because this is computed several times for each combination: there are far fewer marks than that. */
const keyOf = (mark: number, page: number): number => page * 2 ** 32 + mark;

/**
 * Ordinals of the combinations that have one mark of each set, from one on, in pieces: exact, however rare they are,
 * and wherever they are.
 */
export async function* ordinalsWithMarks(
  db: Kysely<Tables>,
  batchId: string,
  sets: readonly (readonly number[])[],
  { from, direction }: { from: number | undefined; direction: Direction },
): AsyncGenerator<number[]> {
  const marks = [...new Set(sets.flat())];
  const where = sql<boolean>`mark = any(${marks}::integer[])`;
  const page = from === undefined ? undefined : Math.floor(from / PAGE);
  const isBeyond = (ordinal: number) => from === undefined || (direction === "asc" ? ordinal >= from : ordinal <= from);
  for await (const rows of readBitmaps(db, batchId, { where, marks: marks.length, from: page, direction }))
    yield ordinalsIn(rows, sets, direction).filter(isBeyond);
}
