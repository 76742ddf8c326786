import type { Batch } from "@polyreel/contract";

/** The placeholder of names and columns that the batch's date fills. */
export const DATE = "date";

/**
 * The batch with the day of its acceptance, in UTC, if its templates need one and it states none. Whoever accepts a batch
 * fixes it: planning it again, also days later, gives the same names.
 */
export const dated = (batch: Batch, now: Date): Batch =>
  batch.date === "" && needsDate(batch) ? { ...batch, date: now.toISOString().slice(0, "2026-06-30".length) } : batch;

function needsDate({ naming, columns, outputs, blocks }: Batch): boolean {
  if (blocks.some(({ name }) => name === DATE)) return false;
  const templates = [naming, ...Object.values(columns), ...outputs.map((output) => output.as)];
  return templates.some((template) => template.includes(`{${DATE}}`));
}
