import { create } from "@bufbuild/protobuf";
import { FailureSchema } from "@polyreel/contract";
import { type Kysely, type Selectable, sql } from "kysely";
import { failureCauses, isSameCause } from "../failure-cause.js";
import { type KnownFailureGroup, type KnownFailures, MAX_FAILURE_GROUPS } from "../read-model.js";
import { countCommon, ordinalsIn } from "./bitmap.js";
import { causeOfMark, FIRST_CAUSE } from "./cause-marks.js";
import { knownChoices } from "./choice-numbers.js";
import { lookUp } from "./look-up.js";
import { readBitmaps } from "./read-bitmaps.js";
import { combinationRecord } from "./rows.js";
import type { CombinationsTable, Tables } from "./tables.js";

/** Distinct causes in a page, to begin with. */
const FEW = 64;

/** The failures of a batch by cause: counted in the bitmaps; only the first combination of each cause is read. */
export async function groupFailures(db: Kysely<Tables>, batchId: string): Promise<KnownFailures> {
  const tallies = new Map<number, { readonly ordinal: number; combinations: number }>();
  const where = sql<boolean>`mark <= ${FIRST_CAUSE}`;
  for await (const rows of readBitmaps(db, batchId, { where, marks: FEW })) {
    for (const row of rows) {
      const tally = tallies.get(row.mark) ?? {
        ordinal: ordinalsIn([row], [[row.mark]], "asc")[0] ?? 0,
        combinations: 0,
      };
      tally.combinations += countCommon(row.ordinals, row.ordinals);
      tallies.set(row.mark, tally);
    }
  }
  const all = [...tallies].sort(([, a], [, b]) => b.combinations - a.combinations || a.ordinal - b.ordinal);
  const shown = all.slice(0, MAX_FAILURE_GROUPS);
  const numbers = await knownChoices(db, batchId);
  const keys = { ordinal: { type: "bigint", values: [...new Set(shown.map(([, { ordinal }]) => ordinal))] } } as const;
  const { rows } = await lookUp<Selectable<CombinationsTable>>("combinations", batchId, keys).execute(db);
  const examples = new Map(rows.map((row) => [row.ordinal, combinationRecord(row, (one) => numbers.chosen(one))]));
  const groups = shown.flatMap(([mark, { ordinal, combinations }]): KnownFailureGroup[] => {
    const cause = causeOfMark(mark, numbers);
    const example = examples.get(ordinal);
    if (!cause || !example) return [];
    const found = failureCauses(example).find((one) => isSameCause(one.cause, cause));
    return [
      { cause, combinations, combinationId: example.id, ordinal, failure: found?.failure ?? create(FailureSchema) },
    ];
  });
  return { groups, omitted: all.length - shown.length };
}
