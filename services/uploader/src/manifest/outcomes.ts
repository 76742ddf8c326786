import { posix } from "node:path";
import { factsSoFar, lastFact } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import type { BatchPlace } from "./batch-place.js";
import { cancelledRow, deliveredRow, failedRow, type Outcome } from "./row.js";

/**
 * What the stream says of a batch's combinations, up to now, in the order it was said. Of a cancelled batch also those
 * that were only planned, which counts where nothing else came of them. One kind of fact after the other: a consumer of old
 * servers has one subject. `home`: where outputs of the batch go where nothing else is said.
 */
async function* outcomesOf(
  stream: EventStream,
  batchId: string,
  home: string,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  const cancelled = (await lastFact(stream, "batch.cancelled", batchId)) !== undefined;
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    const folder = fact.path ? posix.dirname(fact.path) : home;
    yield { ...placeOf(fact), step: "delivered", folder, row: deliveredRow(fact) };
  }
  for await (const { fact } of factsSoFar(stream, "combination.failed", batchId, { signal })) {
    const failed = { ...placeOf(fact), step: "failed", row: failedRow(fact) } as const;
    const folder = fact.folder || home;
    yield { ...failed, folder };
    // What did not get elsewhere changes nothing of what lies here.
    if (folder !== home) yield { ...failed, folder: home, attempt: 0 };
  }
  if (!cancelled) return;
  for await (const { fact } of factsSoFar(stream, "combination.planned", batchId, { signal })) {
    const { combination, target } = fact;
    if (!combination) continue;
    const ordinal = Number(combination.ordinal);
    yield { ordinal, attempt: 0, step: "planned", folder: target?.folder || home, row: cancelledRow(combination) };
  }
}

/** The same of several batches that share a folder, the last one's in other folders too: one after the other. */
export async function* outcomesOfAll(
  stream: EventStream,
  { folder: home, batchIds }: BatchPlace,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  let before = 0;
  for (const batchId of batchIds) {
    let count = 0;
    for await (const outcome of outcomesOf(stream, batchId, home, signal)) {
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
