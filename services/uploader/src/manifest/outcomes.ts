import { posix } from "node:path";
import { countOf, deliveriesIn, outputPlansOf } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";
import { factsSoFar, lastFact } from "@polyreel/platform/stream";
import { cancelledRow, deliveredRow, failedRow, rejectedRow } from "@polyreel/spec/rows";
import { type BatchPlace, folderNamed, type ListedBatch } from "./batch-place.js";
import type { Outcome } from "./outcome.js";

/**
 * All outcomes of a batch's deliveries so far, by kind of fact (consumers of old servers have only one subject), in
 * order of the stream. For a cancelled batch also planned ones, which apply if a delivery has no other. A delivery
 * without a folder in its fact is listed in its destination's folder.
 */
async function* outcomesOf(
  stream: EventStream,
  { batchId, deliveries }: ListedBatch,
  tenant: string,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  const homeOf = (delivery: number) => deliveries[delivery] ?? { folder: deliveries[0]?.folder ?? batchId, output: "" };
  const placeOf = (ordinal: bigint, attempt: number, delivery: number) => ({
    position: Number(ordinal) * Math.max(1, deliveries.length) + delivery,
    attempt: Math.max(1, attempt),
  });
  const cancelled = (await lastFact(stream, "batch.cancelled", batchId)) !== undefined;
  for await (const { fact } of factsSoFar(stream, "combination.delivered", batchId, { signal })) {
    const { ordinal, attempt, delivery, path } = fact;
    const home = homeOf(delivery);
    const folder = path ? fact.folder || posix.dirname(path) : home.folder;
    yield { ...placeOf(ordinal, attempt, delivery), step: "delivered", folder, row: deliveredRow(fact, home.output) };
  }
  for await (const { fact } of factsSoFar(stream, "combination.failed", batchId, { signal })) {
    for (const delivery of deliveriesIn(fact.deliveries, countOf(fact.deliveryCount))) {
      const home = homeOf(delivery);
      const place = placeOf(fact.ordinal, fact.attempt, delivery);
      const failed = { ...place, step: "failed", row: failedRow(fact, home.output) } as const;
      const folder = fact.folder ? folderNamed(tenant, fact.folder) : home.folder;
      yield { ...failed, folder };
      // A failure in another folder does not change the delivery's state in its own.
      if (folder !== home.folder) yield { ...failed, folder: home.folder, attempt: 0 };
    }
  }
  for await (const { fact } of factsSoFar(stream, "combination.rejected", batchId, { signal })) {
    for (const delivery of deliveriesIn(fact.deliveries, countOf(fact.deliveryCount))) {
      const { folder, output } = homeOf(delivery);
      const place = placeOf(fact.ordinal, fact.attempt, delivery);
      yield { ...place, step: "rejected", folder, row: rejectedRow(fact, output) };
    }
  }
  if (!cancelled) return;
  for await (const { fact } of factsSoFar(stream, "combination.planned", batchId, { signal })) {
    const { combination } = fact;
    if (!combination) continue;
    const targets = outputPlansOf(fact).flatMap((plan) => plan.targets);
    for (const { delivery, folder } of targets.length > 0 ? targets : [{ delivery: 0, folder: "" }]) {
      const home = homeOf(delivery);
      const place = { ...placeOf(combination.ordinal, 0, delivery), attempt: 0 };
      const row = cancelledRow(combination, home.output);
      yield { ...place, step: "planned", folder: folder ? folderNamed(tenant, folder) : home.folder, row };
    }
  }
}

/** The same for several batches that share folders, in order; of the last one also outcomes in other folders. */
export async function* outcomesOfAll(
  stream: EventStream,
  { folders, batches, owner: { tenant } }: BatchPlace,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  const homes = new Set(folders.map(({ path }) => path));
  let before = 0;
  for (const batch of batches) {
    let count = 0;
    for await (const outcome of outcomesOf(stream, batch, tenant, signal)) {
      count = Math.max(count, outcome.position + 1);
      if (homes.has(outcome.folder) || batch === batches.at(-1)) {
        yield { ...outcome, position: before + outcome.position };
      }
    }
    before += count;
  }
}
