import { factsSoFar } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";

/**
 * Which combinations, by their place in the batch's order, were said in an attempt after a position of the stream: what a
 * process that died before it was done had got to. Message ids alone don't tell: the broker forgets them after a while.
 */
export async function alreadySaid(
  stream: EventStream,
  { batchId, attempt, afterSequence }: { batchId: string; attempt: number; afterSequence: number },
  signal: AbortSignal,
): Promise<Set<number>> {
  const said = new Set<number>();
  const add = (fact: { attempt: number }, ordinal: bigint | undefined) => {
    if (fact.attempt === attempt && ordinal !== undefined) said.add(Number(ordinal));
  };
  const after = { afterSequence, signal };
  for await (const { fact } of factsSoFar(stream, "combination.planned", batchId, after)) {
    add(fact, fact.combination?.ordinal);
  }
  for await (const { fact } of factsSoFar(stream, "combination.rendered", batchId, after)) {
    add(fact, fact.combination?.ordinal);
  }
  for await (const { fact } of factsSoFar(stream, "combination.failed", batchId, after)) add(fact, fact.ordinal);
  return said;
}
