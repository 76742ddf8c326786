import { factsSoFar, lastFact } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { cancelledRow, deliveredRow, failedRow, type Outcome } from "./row.js";

/**
 * What the stream says of a batch's combinations, up to now, in the order it was said. Of a cancelled batch also those
 * that were only planned. One kind of fact after the other: a consumer of old servers has one subject.
 */
async function* outcomesOf(stream: EventStream, batchId: string, signal: AbortSignal): AsyncGenerator<Outcome> {
  const cancelled = (await lastFact(stream, "batch.cancelled", batchId)) !== undefined;
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    yield { ...placeOf(fact), step: "delivered", row: deliveredRow(fact) };
  }
  for await (const { fact } of factsSoFar(stream, "combination.failed", batchId, { signal })) {
    yield { ...placeOf(fact), step: "failed", row: failedRow(fact) };
  }
  if (!cancelled) return;
  for await (const { fact } of factsSoFar(stream, "combination.planned", batchId, { signal })) {
    if (!fact.combination) continue;
    const { ordinal } = fact.combination;
    yield { ...placeOf({ ...fact, ordinal }), step: "planned", row: cancelledRow(fact.combination) };
  }
}

/** The same of several batches that share a manifest: one after the other. */
export async function* outcomesOfAll(
  stream: EventStream,
  batchIds: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  let before = 0;
  for (const batchId of batchIds) {
    let count = 0;
    for await (const outcome of outcomesOf(stream, batchId, signal)) {
      count = Math.max(count, outcome.ordinal + 1);
      yield { ...outcome, ordinal: before + outcome.ordinal };
    }
    before += count;
  }
}

const placeOf = ({ ordinal, attempt }: { ordinal: bigint; attempt: number }) => ({
  ordinal: Number(ordinal),
  attempt: Math.max(1, attempt),
});
