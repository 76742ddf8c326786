import { type RequestedKind, requestedKinds } from "@polyreel/contract";
import { type Kysely, type Selectable, sql } from "kysely";
import { type BatchRecords, newBatchRecord, withoutDetails } from "../batch-record.js";
import type { ChoiceNumbers } from "./choice-numbers.js";
import { lookUp } from "./look-up.js";
import { batchRecord, combinationRecord, partRecord } from "./rows.js";
import type { Subjects } from "./subjects.js";
import type { CombinationsTable, PartsTable, Tables } from "./tables.js";

/** Loads a batch, with those of its combinations and parts that facts are about. */
export async function load(
  db: Kysely<Tables>,
  batchId: string,
  subjects: Subjects,
  choices: ChoiceNumbers,
): Promise<BatchRecords> {
  const row = await db.selectFrom("batches").selectAll().where("id", "=", batchId).executeTakeFirst();
  const records = withoutDetails(row ? batchRecord(row) : newBatchRecord(batchId));
  if (!row) return records;
  await loadCombinations(db, records, [...subjects.combinations], choices);
  for (const kind of requestedKinds)
    await loadParts(db, records, kind, [...new Set([...subjects.parts[kind], ...subjects.used[kind]])]);
  return records;
}

async function loadCombinations(
  db: Kysely<Tables>,
  { batch, combinations }: BatchRecords,
  ids: readonly string[],
  choices: ChoiceNumbers,
): Promise<void> {
  if (ids.length === 0) return;
  const keys = { id: { type: "text", values: ids } } as const;
  const { rows } = await lookUp<Selectable<CombinationsTable>>("combinations", batch.id, keys).execute(db);
  for (const row of rows)
    combinations.set(
      row.id,
      combinationRecord(row, (number) => choices.chosen(number)),
    );
}

async function loadParts(
  db: Kysely<Tables>,
  { batch, parts }: BatchRecords,
  kind: RequestedKind,
  hashes: readonly string[],
): Promise<void> {
  if (hashes.length === 0) return;
  const keys = { hash: { type: "text", values: hashes } } as const;
  const { rows } = await lookUp<Selectable<PartsTable>>("parts", batch.id, keys, sql`kind = ${kind}`).execute(db);
  for (const row of rows) parts[kind].set(row.hash, partRecord(row));
}

/** One parameter, whatever their number. */
export const anyOf = (values: readonly string[]) => sql<string>`any(${[...values]}::text[])`;
