import { fromBinary } from "@bufbuild/protobuf";
import { DeliveryStatusSchema, FailureCode } from "@polyreel/contract";
import { type Kysely, type Migration, sql } from "kysely";
import { writeBits } from "../choice-bitmaps.js";
import { markOfFailure } from "../failure-marks.js";
import { steps } from "../steps.js";
import type { Tables } from "../tables.js";

/** The codes of all failed deliveries of a combination; before, only the first one's was stored. */
export const deliveryFailures: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw("alter table combinations add failures integer[]").execute(db);
    const { rows } = await sql<{ batch_id: string }>`select distinct batch_id from combinations
      where failure_code is not null`.execute(db);
    for (const { batch_id } of rows) await fillBatch(db as Kysely<Tables>, batch_id);
    await sql.raw("drop index combinations_by_failure_code").execute(db);
    await sql.raw("alter table combinations drop column failure_code").execute(db);
  },
};

const PAGE = 5000;

interface Row {
  readonly id: string;
  readonly ordinal: number;
  readonly failure_code: number;
  /** The needed fields of each; null if the combination has only one. */
  readonly deliveries: readonly ({ readonly step: number; readonly status: string } | null)[] | null;
}

async function fillBatch(db: Kysely<Tables>, batchId: string): Promise<void> {
  for (let after = -1; ; ) {
    const { rows } = await sql<Row>`select id, ordinal, failure_code, deliveries from combinations
      where batch_id = ${batchId} and failure_code is not null and ordinal > ${after}::bigint
      order by ordinal limit ${PAGE}`.execute(db);
    const last = rows.at(-1);
    if (!last) return;
    after = last.ordinal;
    const marked = rows.map((row) => ({ id: row.id, ordinal: row.ordinal, failures: marksOf(row) }));
    await writeBits(
      db,
      batchId,
      marked.flatMap(({ ordinal, failures }) => failures.map((mark) => ({ ordinal, mark, is: true }))),
    );
    await sql`update combinations set failures = row.failures
      from json_to_recordset(${JSON.stringify(marked)}::text::json) as row (id text, failures integer[])
      where combinations.batch_id = ${batchId} and combinations.id = row.id`.execute(db);
  }
}

function marksOf({ failure_code, deliveries }: Row): number[] {
  if (!deliveries) return [markOfFailure(0, failure_code)];
  return deliveries.flatMap((delivery, number) => {
    if (!delivery || steps[delivery.step] !== "failed") return [];
    const { failure } = fromBinary(DeliveryStatusSchema, Buffer.from(delivery.status, "base64"));
    return markOfFailure(number, failure?.code ?? FailureCode.UNSPECIFIED);
  });
}
