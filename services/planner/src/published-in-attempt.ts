import { countOf, deliveriesIn, deliveriesPlanned, maskOf, outputPlansOf, renderedPlan } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";
import { factsSoFar } from "@polyreel/platform/stream";

/**
 * Masks of deliveries by the combination's ordinal that were published in an attempt after a position in the stream:
 * the progress of a process that died. Message ids are not enough for this: the broker forgets them after a while.
 */
export async function publishedInAttempt(
  stream: EventStream,
  { batchId, attempt, afterSequence }: { batchId: string; attempt: number; afterSequence: number },
  signal: AbortSignal,
): Promise<Map<number, bigint>> {
  const published = new Map<number, bigint>();
  const add = (fact: { attempt: number }, ordinal: bigint | undefined, deliveries: readonly number[]) => {
    if (fact.attempt !== attempt || ordinal === undefined) return;
    published.set(Number(ordinal), (published.get(Number(ordinal)) ?? 0n) | maskOf(deliveries));
  };
  const after = { afterSequence, signal };
  for await (const { fact } of factsSoFar(stream, "combination.planned", batchId, after)) {
    add(fact, fact.combination?.ordinal, deliveriesPlanned(outputPlansOf(fact)));
  }
  for await (const { fact } of factsSoFar(stream, "combination.rendered", batchId, after)) {
    add(fact, fact.combination?.ordinal, deliveriesPlanned([renderedPlan(fact)]));
  }
  for await (const { fact } of factsSoFar(stream, "combination.failed", batchId, after)) {
    add(fact, fact.ordinal, deliveriesIn(fact.deliveries, countOf(fact.deliveryCount)));
  }
  for await (const { fact } of factsSoFar(stream, "combination.rejected", batchId, after)) {
    add(fact, fact.ordinal, deliveriesIn(fact.deliveries, countOf(fact.deliveryCount)));
  }
  return published;
}

/** Whether all deliveries in `wanted` (0n: any) are published. */
export const isPublished = (published: ReadonlyMap<number, bigint>, ordinal: number, wanted: bigint): boolean => {
  const mask = published.get(ordinal) ?? 0n;
  return wanted === 0n ? mask !== 0n : (mask & wanted) === wanted;
};
