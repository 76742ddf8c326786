import { deliveriesIn, maskOf, shortMask } from "@polyreel/contract";
import type { KnownCombination, KnownDelivery } from "../read-model/read-model.js";

/** A message that is published again, with the deliveries it is published for. */
export interface WorkedMessage {
  /** Position in the stream; 0: its deliveries are planned anew. */
  readonly sequence: number;
  /** A mask; 0n: all deliveries of the combination. */
  readonly deliveries: bigint;
}

/** Messages for those deliveries of a combination that have one, by their position. Each is published once for all of its. */
export function workedMessages(
  { deliveries }: KnownCombination,
  messageOf: (delivery: KnownDelivery) => number | undefined,
): WorkedMessage[] {
  const bySequence = new Map<number, number[]>();
  for (const delivery of deliveries) {
    const sequence = messageOf(delivery);
    if (sequence !== undefined) bySequence.set(sequence, [...(bySequence.get(sequence) ?? []), delivery.number]);
  }
  return [...bySequence].map(([sequence, numbers]) => ({
    sequence,
    deliveries: shortMask(maskOf(numbers), deliveries.length),
  }));
}

/** Of messages only what they publish for some deliveries of the combination; all where none is named. */
export function onlyFor(
  messages: readonly WorkedMessage[],
  wanted: readonly number[],
  { deliveries: { length } }: KnownCombination,
): readonly WorkedMessage[] {
  if (wanted.length === 0) return messages;
  return messages.flatMap(({ sequence, deliveries }) => {
    const kept = deliveriesIn(deliveries, length).filter((number) => wanted.includes(number));
    return kept.length > 0 ? { sequence, deliveries: shortMask(maskOf(kept), length) } : [];
  });
}

/** Whether it is the first delivery of its output: where another folder is named, each output goes there once. */
export const isFirstOfOutput = ({ deliveries }: KnownCombination, { number, output }: KnownDelivery): boolean =>
  deliveries.find((one) => one.output === output)?.number === number;
