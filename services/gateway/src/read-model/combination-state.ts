import type { AttemptTimes, CombinationRecord, CombinationStep, DeliveryState } from "./batch-record.js";

// Derives a combination's state from its deliveries. Each delivery has its own attempt: a retry works only on failed
// ones, so a single attempt for all, with masks per step, could not represent that the others are still delivered.

export const isEnded = (step: CombinationStep | undefined): boolean =>
  step === "delivered" || step === "rejected" || step === "failed";

/**
 * Step of a combination: delivered when all deliveries are; when all have ended otherwise, rejected if at least one
 * was, otherwise failed. Until then it is planned while one remains to be laid out, and then waits for approval while
 * one does.
 */
export function stepOf({ deliveries }: CombinationRecord): CombinationStep {
  if (deliveries.length <= 1) return deliveries[0]?.step ?? "planned";
  const steps = deliveries.map((delivery) => delivery?.step ?? "planned");
  return ORDER.find((step) => steps.includes(step)) ?? "planned";
}

/** The combination is in the first of these steps that any of its deliveries is in. */
const ORDER: readonly CombinationStep[] = ["planned", "awaiting", "rendered", "rejected", "failed", "delivered"];

/** The newest attempt at any delivery; 0 if there is none. */
export const attemptOf = (record: CombinationRecord): number =>
  record.deliveries.reduce((newest, delivery) => Math.max(newest, delivery?.attempt ?? 0), 0);

/** Times of its newest attempt; it ended when the last of its deliveries did. */
export function timesOf(record: CombinationRecord): AttemptTimes {
  if (record.deliveries.length <= 1) return record.deliveries[0]?.times ?? {};
  const attempt = attemptOf(record);
  const newest = record.deliveries.flatMap((delivery) => (delivery?.attempt === attempt ? delivery.times : []));
  return {
    planned: edge(newest, "planned", Math.min),
    ready: edge(newest, "ready", Math.max),
    rendered: edge(newest, "rendered", Math.max),
    ended: isEnded(stepOf(record)) ? edge(newest, "ended", Math.max) : undefined,
  };
}

function edge(
  all: readonly AttemptTimes[],
  key: keyof AttemptTimes,
  of: (...values: number[]) => number,
): Date | undefined {
  const values = all.flatMap((times) => times[key]?.getTime() ?? []);
  return values.length > 0 ? new Date(of(...values)) : undefined;
}

/**
 * The delivery shown for the combination: the first delivered one, or the first that waits for approval, or the first
 * of all.
 */
export const shownDelivery = ({ deliveries }: CombinationRecord): DeliveryState | undefined =>
  deliveries.find((delivery) => delivery?.step === "delivered") ??
  deliveries.find((delivery) => delivery?.step === "awaiting") ??
  deliveries.find((delivery) => delivery?.certificate);

/** The first rejected one. */
export const firstRejected = ({ deliveries }: CombinationRecord): DeliveryState | undefined =>
  deliveries.find((delivery) => delivery?.step === "rejected");

/** The first failed one. */
export const firstFailed = ({ deliveries }: CombinationRecord): DeliveryState | undefined =>
  deliveries.find((delivery) => delivery?.step === "failed");
