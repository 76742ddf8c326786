import { CombinationState } from "@polyreel/contract";
import { type Kysely, sql } from "kysely";
import type { CombinationsAsked, KnownCombination } from "../read-model.js";
import { knownCombination, STATES } from "../status.js";
import type { ChoiceNumbers } from "./choice-numbers.js";
import { combinationRecord, steps } from "./rows.js";
import type { Tables } from "./tables.js";

/** A batch's combinations by ordinal, from one on: an index leads to a page, however many there are. */
export async function findCombinations(
  db: Kysely<Tables>,
  batchId: string,
  { state, choices, from, limit }: CombinationsAsked,
  numbers: ChoiceNumbers,
): Promise<KnownCombination[]> {
  let query = db.selectFrom("combinations").selectAll().where("batch_id", "=", batchId).where("ordinal", ">=", from);
  if (state !== CombinationState.UNSPECIFIED) {
    query = query.where(
      "step",
      "=",
      steps.findIndex((step) => STATES[step] === state),
    );
  }
  for (const wanted of byBlock(choices)) {
    const known = wanted.flatMap((chosen) => numbers.find(chosen) ?? []);
    if (known.length === 0) return [];
    query = query.where(sql<boolean>`choices && ${known}::integer[]`);
  }
  const rows = await query.orderBy("ordinal").limit(limit).execute();
  return rows.map((row) => knownCombination(combinationRecord(row, (number) => numbers.chosen(number))));
}

function byBlock(choices: CombinationsAsked["choices"]) {
  const blocks = new Map<string, CombinationsAsked["choices"][number][]>();
  for (const chosen of choices) blocks.set(chosen.block, [...(blocks.get(chosen.block) ?? []), chosen]);
  return blocks.values();
}
