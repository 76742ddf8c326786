import type { AttemptTimes, CombinationRecord, CombinationStep, DeliveryState } from "./batch-record.js";

// What a combination's deliveries amount to. Each delivery has an attempt of its own: a retry works only those that failed, so
// one attempt for all, with masks of what came how far in it, could not say that the others stay delivered.

export const isEnded = (step: CombinationStep | undefined): boolean =>
  step === "delivered" || step === "rejected" || step === "failed";

/**
 * How far a combination came: delivered when all deliveries are; when all have ended otherwise rejected where one at least was,
 * else failed. Until then it is planned while one is yet to be laid out, and then waits for approval while one does.
 */
export function stepOf({ deliveries }: CombinationRecord): CombinationStep {
  if (deliveries.length <= 1) return deliveries[0]?.step ?? "planned";
  const steps = deliveries.map((delivery) => delivery?.step ?? "planned");
  return ORDER.find((step) => steps.includes(step)) ?? "planned";
}

/** The first of them that any delivery is in is that of the combination. */
const ORDER: readonly CombinationStep[] = ["planned", "awaiting", "rendered", "rejected", "failed", "delivered"];

/** The newest attempt at any delivery; 0 where there is none. */
export const attemptOf = (record: CombinationRecord): number =>
  record.deliveries.reduce((newest, delivery) => Math.max(newest, delivery?.attempt ?? 0), 0);

/** When its newest attempt came how far; ended when the last of its deliveries had. */
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
 * The delivery that stands for the combination where one is shown: the first that was delivered, then the first that waits for
 * approval, otherwise the first at all.
 */
export const shownDelivery = ({ deliveries }: CombinationRecord): DeliveryState | undefined =>
  deliveries.find((delivery) => delivery?.step === "delivered") ??
  deliveries.find((delivery) => delivery?.step === "awaiting") ??
  deliveries.find((delivery) => delivery?.certificate);

/** The first that was rejected. */
export const firstRejected = ({ deliveries }: CombinationRecord): DeliveryState | undefined =>
  deliveries.find((delivery) => delivery?.step === "rejected");

/** The first that failed. */
export const firstFailed = ({ deliveries }: CombinationRecord): DeliveryState | undefined =>
  deliveries.find((delivery) => delivery?.step === "failed");
