import type { Kysely } from "kysely";
import { type BatchRecords, partKinds } from "../batch-record.js";
import type { ChoiceNumbers } from "./choice-numbers.js";
import { attemptRow, batchRow, combinationRow, deliveryRow, partRow } from "./rows.js";
import type { Subjects } from "./subjects.js";
import type { Tables } from "./tables.js";
import { upsert, upserts } from "./upsert.js";

/** A batch that facts were taken into, and what they were about. */
export interface Touched {
  readonly records: BatchRecords;
  readonly subjects: Subjects;
  readonly choices: ChoiceNumbers;
}

/** Writes what was loaded and changed: a statement a table, for any number of batches. */
export async function save(db: Kysely<Tables>, all: readonly Touched[]): Promise<void> {
  const combinations = all.flatMap(({ records, choices }) =>
    [...records.combinations.values()].map((record) =>
      combinationRow(
        records.batch.id,
        record,
        record.choices.map((chosen) => choices.take(chosen)),
      ),
    ),
  );
  for (const { choices } of all) await choices.save(db);
  await upsert(
    db,
    upserts.batches,
    all.map(({ records }) => batchRow(records.batch)),
  );
  await upsert(db, upserts.combinations, combinations);
  await upsert(db, upserts.parts, all.flatMap(partRows));
  await upsert(
    db,
    upserts.attempts,
    all.flatMap(({ records: { batch, earlier } }) => [...earlier.values()].map((one) => attemptRow(batch.id, one))),
  );
  await upsert(
    db,
    upserts.deliveries,
    all.flatMap(({ records: { batch, deliveries } }) =>
      [...deliveries.values()].map((one) => deliveryRow(batch.id, one)),
    ),
  );
}

function partRows({ records: { batch, parts }, subjects }: Touched): object[] {
  return partKinds.flatMap((kind) =>
    [...subjects.parts[kind]].flatMap((hash) => {
      const record = parts[kind].get(hash);
      return record ? partRow(batch.id, kind, hash, record) : [];
    }),
  );
}
