import { type Kysely, sql } from "kysely";
import { newStepCounts } from "../batch-record.js";
import type { ChoiceCount } from "../read-model.js";
import { countCommon } from "./bitmap.js";
import { ChoiceNumbers } from "./choice-numbers.js";
import { type Bitmap, readBitmaps } from "./read-bitmaps.js";
import { markOfStep, steps } from "./steps.js";
import type { Tables } from "./tables.js";

/**
 * A batch's combinations by choice and step, from the bitmaps: of a million combinations some thousand rows are read
 * instead of a million.
 */
export async function countChoices(db: Kysely<Tables>, batchId: string): Promise<ChoiceCount[]> {
  const numbers = new ChoiceNumbers(batchId);
  await numbers.load(db);
  const counts = numbers.all().map(({ block, choice }) => ({ block, choice, inStep: newStepCounts() }));
  const where = sql<boolean>`mark >= ${-steps.length}`;
  for await (const rows of readBitmaps(db, batchId, { where, marks: counts.length + steps.length })) {
    for (const page of pagesOf(rows)) {
      for (const step of steps) {
        const inStep = page.find(({ mark }) => mark === markOfStep(step));
        if (!inStep) continue;
        for (const { mark, ordinals } of page) {
          const count = counts[mark]; // A choice that became known meanwhile is counted the next time.
          if (count) count.inStep[step] += countCommon(ordinals, inStep.ordinals);
        }
      }
    }
  }
  return counts;
}

function pagesOf(rows: readonly Bitmap[]): Bitmap[][] {
  const pages = new Map<number, Bitmap[]>();
  for (const row of rows) {
    const page = pages.get(row.page);
    if (page) page.push(row);
    else pages.set(row.page, [row]);
  }
  return [...pages.values()];
}
