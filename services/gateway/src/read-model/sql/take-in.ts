import type { FactMessage } from "@polyreel/platform/stream";
import type { Transaction } from "kysely";
import { applyCounting } from "../../usage/apply-counting.js";
import type { UsageTally } from "../../usage/usage-tally.js";
import { belongsTo } from "../apply.js";
import type { CombinationRecord } from "../batch-record.js";
import { knownChoices } from "./choice-numbers.js";
import { load } from "./load.js";
import { changingMarks, type Touched } from "./save.js";
import { subjectsOf } from "./subjects.js";
import type { Tables } from "./tables.js";

/** Applies facts to what they are about, as in memory. Returns the batches that they changed. */
export async function takeIn(
  db: Transaction<Tables>,
  facts: readonly FactMessage[],
  tallyOf: (message: FactMessage) => UsageTally | undefined,
): Promise<Touched[]> {
  const all = new Map<string, Touched>();
  for (const [batchId, subjects] of subjectsOf(facts)) {
    const choices = await knownChoices(db, batchId);
    const records = await load(db, batchId, subjects, choices);
    const marksOf = (record: CombinationRecord) =>
      changingMarks(
        record,
        record.choices.map((chosen) => choices.find(chosen)),
      );
    const known = new Map([...records.combinations.values()].map((one) => [one.id, marksOf(one)] as const));
    all.set(batchId, { records, subjects, choices, known });
  }
  const changed = new Set<Touched>();
  for (const message of facts) {
    const touched = all.get(message.batchId);
    if (!touched || !belongsTo(touched.records.batch, message)) continue;
    applyCounting(touched.records, message, tallyOf(message));
    changed.add(touched);
  }
  return [...changed];
}
