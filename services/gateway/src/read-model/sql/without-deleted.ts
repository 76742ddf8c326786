import type { FactMessage } from "@polyreel/platform/stream";
import type { Transaction } from "kysely";
import { belongsTo } from "../apply.js";
import { newBatchRecord } from "../batch-record.js";
import { anyOf } from "./load.js";
import { batchRecord } from "./rows.js";
import { TABLES_OF_A_BATCH, type Tables } from "./tables.js";

/** Removes deleted batches; what remains are facts of others, or of new ones with their ids. */
export async function withoutDeleted(
  db: Transaction<Tables>,
  facts: readonly FactMessage[],
): Promise<readonly FactMessage[]> {
  const ids = [...new Set(facts.flatMap(({ name, batchId }) => (name === "batch.deleted" ? [batchId] : [])))];
  if (ids.length === 0) return facts;
  const rows = await db.selectFrom("batches").selectAll().where("id", "=", anyOf(ids)).execute();
  const known = new Map(rows.map((row) => [row.id, batchRecord(row)] as const));
  const deleted = new Map<string, number>();
  for (const message of facts.filter(({ batchId }) => ids.includes(batchId))) {
    const batch = known.get(message.batchId) ?? newBatchRecord(message.batchId);
    if (message.name === "batch.submitted") {
      known.set(message.batchId, { ...batch, submitted: message.fact, generation: message.sequence });
    } else if (message.name === "batch.deleted" && belongsTo(known.get(message.batchId), message)) {
      known.delete(message.batchId);
      deleted.set(message.batchId, message.sequence);
    }
  }
  const gone = [...deleted.keys()];
  await db.deleteFrom("batches").where("id", "=", anyOf(gone)).execute();
  for (const table of TABLES_OF_A_BATCH) await db.deleteFrom(table).where("batch_id", "=", anyOf(gone)).execute();
  return facts.filter(
    ({ name, batchId, sequence }) => name !== "batch.deleted" && sequence > (deleted.get(batchId) ?? 0),
  );
}

/** Facts in pieces, each fact of a name beginning another. */
export function beginningWith(name: FactMessage["name"], facts: readonly FactMessage[]): FactMessage[][] {
  const pieces: FactMessage[][] = [];
  for (const fact of facts) {
    const last = fact.name === name ? undefined : pieces.at(-1);
    if (last) last.push(fact);
    else pieces.push([fact]);
  }
  return pieces;
}
