import { posix } from "node:path";
import { factsSoFar, lastFact } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { type BatchPlace, folderNamed } from "./batch-place.js";
import { cancelledRow, deliveredRow, failedRow, type Outcome } from "./row.js";

/**
 * What the stream says of a batch's combinations, up to now, in the order it was said. Of a cancelled batch also those
 * that were only planned, which counts where nothing else came of them. One kind of fact after the other: a consumer of old
 * servers has one subject. Its folder is where outputs go that name no other one.
 */
async function* outcomesOf(
  stream: EventStream,
  batchId: string,
  { folder: home, owner: { tenant } }: BatchPlace,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  const cancelled = (await lastFact(stream, "batch.cancelled", batchId)) !== undefined;
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    const folder = fact.path ? posix.dirname(fact.path) : home;
    yield { ...placeOf(fact), step: "delivered", folder, row: deliveredRow(fact) };
  }
  for await (const { fact } of factsSoFar(stream, "combination.failed", batchId, { signal })) {
    const failed = { ...placeOf(fact), step: "failed", row: failedRow(fact) } as const;
    const folder = fact.folder ? folderNamed(tenant, fact.folder) : home;
    yield { ...failed, folder };
    // What did not get elsewhere changes nothing of what lies here.
    if (folder !== home) yield { ...failed, folder: home, attempt: 0 };
  }
  if (!cancelled) return;
  for await (const { fact } of factsSoFar(stream, "combination.planned", batchId, { signal })) {
    const { combination, target } = fact;
    if (!combination) continue;
    const ordinal = Number(combination.ordinal);
    const folder = target?.folder ? folderNamed(tenant, target.folder) : home;
    yield { ordinal, attempt: 0, step: "planned", folder, row: cancelledRow(combination) };
  }
}

/** The same of several batches that share a folder, the last one's in other folders too: one after the other. */
export async function* outcomesOfAll(
  stream: EventStream,
  place: BatchPlace,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  const { folder: home, batchIds } = place;
  let before = 0;
  for (const batchId of batchIds) {
    let count = 0;
    for await (const outcome of outcomesOf(stream, batchId, place, signal)) {
      count = Math.max(count, outcome.ordinal + 1);
      const listed = outcome.folder === home || batchId === batchIds.at(-1);
      if (listed) yield { ...outcome, ordinal: before + outcome.ordinal };
    }
    before += count;
  }
}

const placeOf = ({ ordinal, attempt }: { ordinal: bigint; attempt: number }) => ({
  ordinal: Number(ordinal),
  attempt: Math.max(1, attempt),
});
