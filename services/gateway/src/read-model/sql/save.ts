import { requestedKinds } from "@polyreel/contract";
import type { Kysely } from "kysely";
import type { BatchRecords, CombinationRecord } from "../batch-record.js";
import { stepOf } from "../combination-state.js";
import { causeMarks } from "./cause-marks.js";
import { type Bit, writeBits } from "./choice-bitmaps.js";
import type { ChoiceNumbers } from "./choice-numbers.js";
import { failureMarks } from "./failure-marks.js";
import { attemptRow, batchRow, combinationRow, deliveryRow, partRow } from "./rows.js";
import { markOfStep } from "./steps.js";
import type { Subjects } from "./subjects.js";
import type { Tables } from "./tables.js";
import { upsert, upserts } from "./upsert.js";

/** A batch that facts were applied to, and their subjects. */
export interface Touched {
  readonly records: BatchRecords;
  readonly subjects: Subjects;
  readonly choices: ChoiceNumbers;
  /** The previously known combinations, and their marks in the bitmaps besides their choices. */
  readonly known: ReadonlyMap<string, readonly number[]>;
}

/**
 * Writes what was loaded and changed: one statement per table, for any number of batches, except for the numbering of
 * choices.
 */
export async function save(db: Kysely<Tables>, all: readonly Touched[]): Promise<void> {
  const combinations: object[] = [];
  for (const { records, choices, known } of all) {
    const bits: Bit[] = [];
    for (const record of records.combinations.values()) {
      const numbers = record.choices.map((chosen) => choices.take(chosen));
      combinations.push(combinationRow(records.batch.id, record, numbers));
      bits.push(...bitsOf(record, numbers, known.get(record.id)));
    }
    await choices.save(db);
    await writeBits(db, records.batch.id, bits);
  }
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
  await upsert(
    db,
    upserts.ends,
    all.flatMap(({ records: { batch, ended } }) =>
      [...ended].map(([quarter, { delivered, failed }]) => ({
        batch_id: batch.id,
        quarter: new Date(quarter),
        delivered,
        failed,
      })),
    ),
  );
  await upsert(
    db,
    upserts.sounds_used,
    all.flatMap(({ records: { batch, soundsUsed } }) =>
      [...soundsUsed].map(([hash, used_at]) => ({ batch_id: batch.id, hash, used_at })),
    ),
  );
  if (
    all.some(({ records }) => [...records.ended.values()].some(({ delivered, failed }) => delivered < 0 || failed < 0))
  )
    await db.deleteFrom("ends").where("delivered", "=", 0).where("failed", "=", 0).execute();
}

/** Changes of a combination in the bitmaps: its choices if it is new, its state and failures if they changed. */
function bitsOf(record: CombinationRecord, choices: readonly number[], before?: readonly number[]): Bit[] {
  const { ordinal } = record;
  const now = changingMarks(record, choices);
  const added = now.filter((mark) => !before?.includes(mark));
  const gone = (before ?? []).filter((mark) => !now.includes(mark));
  return [
    ...gone.map((mark) => ({ ordinal, mark, is: false })),
    ...[...(before ? [] : choices), ...added].map((mark) => ({ ordinal, mark, is: true })),
  ];
}

/** Marks of a combination that may change. `choices`: the numbers of its choices. */
export const changingMarks = (record: CombinationRecord, choices: readonly (number | undefined)[]): number[] => [
  markOfStep(stepOf(record)),
  ...failureMarks(record),
  ...causeMarks(record, choices),
];

function partRows({ records: { batch, parts }, subjects }: Touched): object[] {
  return requestedKinds.flatMap((kind) =>
    [...subjects.parts[kind]].flatMap((hash) => {
      const record = parts[kind].get(hash);
      return record ? partRow(batch.id, kind, hash, record) : [];
    }),
  );
}
