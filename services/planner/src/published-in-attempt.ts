import { countOf, deliveriesIn, deliveriesPlanned, maskOf, outputPlansOf, renderedPlan } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";
import { factsSoFar } from "@polyreel/platform/stream";

/**
 * Which deliveries of which combinations, by their place in the batch's order, were published in an attempt after a position of
 * the stream: what a process that died before it was done had got to. Message ids alone don't tell: the broker forgets them
 * after a while.
 */
export async function publishedInAttempt(
  stream: EventStream,
  { batchId, attempt, afterSequence }: { batchId: string; attempt: number; afterSequence: number },
  signal: AbortSignal,
): Promise<Map<number, bigint>> {
  const said = new Map<number, bigint>();
  const add = (fact: { attempt: number }, ordinal: bigint | undefined, deliveries: readonly number[]) => {
    if (fact.attempt !== attempt || ordinal === undefined) return;
    said.set(Number(ordinal), (said.get(Number(ordinal)) ?? 0n) | maskOf(deliveries));
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
  return said;
}

/** Whether all of `wanted` (0n: all that there is) is among them. */
export const isPublished = (said: ReadonlyMap<number, bigint>, ordinal: number, wanted: bigint): boolean => {
  const mask = said.get(ordinal) ?? 0n;
  return wanted === 0n ? mask !== 0n : (mask & wanted) === wanted;
};
