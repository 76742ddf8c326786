import { CombinationState, deliveriesIn, maskOf, shortMask } from "@polyreel/contract";
import type { KnownCombination, KnownDelivery } from "../read-model/read-model.js";

/** A message to republish, with its deliveries. */
export interface WorkedMessage {
  /** Position in the stream; 0: its deliveries are planned again. */
  readonly sequence: number;
  /** A mask; 0n: all deliveries of the combination. */
  readonly deliveries: bigint;
}

/** Messages for the given deliveries of a combination, by position. Each is published once for all of its deliveries. */
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

/**
 * Plans deliveries again that failed after they were planned before `foundAt`, a position in the stream: without a source
 * that was found then.
 */
export function plannedAgain(
  messages: readonly WorkedMessage[],
  { deliveries: all }: KnownCombination,
  foundAt: number,
): readonly WorkedMessage[] {
  const isOutdated = ({ sequence, deliveries }: WorkedMessage) =>
    sequence < foundAt &&
    deliveriesIn(deliveries, all.length).every((number) => {
      const delivery = all[number];
      return delivery?.state === CombinationState.FAILED && delivery.plannedSequence === sequence;
    });
  return messages.map((message) => (isOutdated(message) ? { ...message, sequence: 0 } : message));
}

/** Restricts messages to some deliveries of the combination; all if none are given. */
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

/** Whether it is the first delivery of its output: into another folder, each output is written once. */
export const isFirstOfOutput = ({ deliveries }: KnownCombination, { number, output }: KnownDelivery): boolean =>
  deliveries.find((one) => one.output === output)?.number === number;
