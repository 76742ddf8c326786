import { fromBinary } from "@bufbuild/protobuf";
import { CombinationStatusSchema, durationSecondsOf } from "@polyreel/contract";
import { type Kysely, sql } from "kysely";
import { writeBits } from "../choice-bitmaps.js";
import { markOfStep, steps } from "../steps.js";
import type { Tables } from "../tables.js";

const PAGE = 5000;

/** Fills the columns for lists from existing rows: the stream may no longer have the facts. */
export async function fillListing(db: Kysely<Tables>): Promise<void> {
  await sql`update batches set shown_finished_at = finished_at
    where (tally ->> 'finishedRun')::integer >= (tally ->> 'run')::integer`.execute(db);
  await sql`insert into ends (batch_id, quarter, delivered, failed)
    select batch_id, to_timestamp(floor(extract(epoch from ended_at) / 900) * 900) as quarter,
      count(*) filter (where step = ${steps.indexOf("delivered")}), count(*) filter (where step = ${steps.indexOf("failed")})
    from combinations where ended_at is not null group by 1, 2`.execute(db);
  const batches = await db.selectFrom("combinations").select("batch_id").distinct().execute();
  for (const { batch_id } of batches) await fillBatch(db, batch_id);
}

async function fillBatch(db: Kysely<Tables>, batchId: string): Promise<void> {
  for (let after = -1; ; ) {
    const rows = await db
      .selectFrom("combinations")
      .select(["id", "ordinal", "step", "choices", "details"])
      .where("batch_id", "=", batchId)
      .where("ordinal", ">", after)
      .orderBy("ordinal")
      .limit(PAGE)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last.ordinal;
    const bits = rows.flatMap(({ ordinal, step, choices }) =>
      [...choices, markOfStep(steps[step] ?? "planned")].map((mark) => ({ ordinal, mark, is: true })),
    );
    await writeBits(db, batchId, bits);
    const delivered = rows
      .filter(({ step }) => steps[step] === "delivered")
      .map(({ id, details }) => {
        const { certificate } = fromBinary(CombinationStatusSchema, details);
        return {
          id,
          duration: certificate ? durationSecondsOf(certificate) : 0,
          size: Number(certificate?.sizeBytes ?? 0n),
        };
      });
    await sql`update combinations set duration_seconds = row.duration, size_bytes = row.size
      from json_to_recordset(${JSON.stringify(delivered)}::text::json) as row (id text, duration float8, size bigint)
      where combinations.batch_id = ${batchId} and combinations.id = row.id`.execute(db);
  }
}
