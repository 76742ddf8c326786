import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { BatchesAsked, BatchPosition, KnownBatch } from "../read-model.js";

/** Where a batch stands among all. */
export const positionOf = ({ status }: KnownBatch): BatchPosition => ({
  submittedAt: status.submittedAt ? timestampDate(status.submittedAt) : new Date(0),
  batchId: status.batchId,
});

export const newestFirst = (a: KnownBatch, b: KnownBatch): number => compare(positionOf(b), positionOf(a));

/** Whether a batch is one of those asked for. */
export function isAskedFor(batch: KnownBatch, { tenant, states, after, oldestFirst }: BatchesAsked): boolean {
  if (tenant !== "" && batch.status.tenant !== tenant) return false;
  if (states.length > 0 && !states.includes(batch.status.state)) return false;
  if (!after) return true;
  const order = compare(positionOf(batch), after);
  return oldestFirst ? order > 0 : order < 0;
}

function compare(a: BatchPosition, b: BatchPosition): number {
  const times = a.submittedAt.getTime() - b.submittedAt.getTime();
  return times || (a.batchId < b.batchId ? -1 : Number(a.batchId > b.batchId));
}
