import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Direction } from "../order.js";
import type { Tables } from "./tables.js";

export interface Bitmap {
  readonly mark: number;
  readonly page: number;
  readonly ordinals: Uint8Array;
}

/** Pages read at first; and maximum number of bitmaps per read, unless the pages have more. */
const FIRST_PAGES = 8;
const MAX_BITMAPS = 4096;

/** Which bitmaps: `where` is a condition on `mark`, which at most `marks` of them match in a page. */
export interface BitmapQuery {
  readonly where: RawBuilder<boolean>;
  readonly marks: number;
  /** The first page; undefined: from the beginning. */
  readonly from?: number | undefined;
  readonly direction?: Direction;
}

/** The bitmaps of a batch, in pieces of whole pages: memory does not grow with the number of combinations. */
export async function* readBitmaps(
  db: Kysely<Tables>,
  batchId: string,
  { where, marks, from, direction = "asc" }: BitmapQuery,
): AsyncGenerator<Bitmap[]> {
  const beyond = sql.raw(direction === "asc" ? ">=" : "<=");
  let page = from;
  for (let limit = (marks + 1) * FIRST_PAGES; ; limit = Math.max(limit, Math.min(limit * 8, MAX_BITMAPS))) {
    const rows = await db
      .selectFrom("takers")
      .select(["mark", "page", "ordinals"])
      .where("batch_id", "=", batchId)
      .where(where)
      .$if(page !== undefined, (query) => query.where(sql<boolean>`page ${beyond} ${page}`))
      .orderBy("page", direction)
      .limit(limit)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    if (rows.length < limit) {
      yield rows;
      return;
    }
    yield rows.filter((row) => row.page !== last.page); // The last page may be incomplete.
    page = last.page;
  }
}
