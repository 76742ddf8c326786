import { CombinationState, type CombinationStatus, joinOf, Stage } from "@polyreel/contract";
import type { CombinationOrder } from "../combination-order.js";
import { type FailureCause, isSameCause } from "../failure-cause.js";
import type { CombinationsQuery } from "../read-model.js";

// Lists, as plainly as possible, to compare with.

const { AWAITING_APPROVAL, DELIVERED, FAILED, PLANNED, REJECTED, RENDERED } = CombinationState;

/** Whether a query selects a combination. */
export function isWanted({ state, choices, outputs }: CombinationStatus, query: Partial<CombinationsQuery>): boolean {
  const { failureCodes, deliveries } = query;
  const isFailed = outputs.some(
    ({ delivery, failure }) =>
      failure &&
      (!deliveries || deliveries.includes(delivery)) &&
      (!failureCodes || failureCodes.includes(failure.code)),
  );
  if ((failureCodes || deliveries) && !isFailed) return false;
  const isOfCause = ({ choices, outputs }: Pick<CombinationStatus, "choices" | "outputs">) =>
    causesIn({ choices, outputs }).some((one) => query.causes?.some((cause) => isSameCause(one, cause)));
  if (query.causes && !isOfCause({ choices, outputs })) return false;
  if (query.state && state !== query.state) return false;
  const wanted = query.choices ?? [];
  return [...new Set(wanted.map(({ block }) => block))].every((block) =>
    choices.some(
      (one) => one.block === block && wanted.some((want) => want.block === block && want.choice === one.choice),
    ),
  );
}

/** Of combinations whose first delivery was planned, and none laid out. */
export const causesIn = ({ choices, outputs }: Pick<CombinationStatus, "choices" | "outputs">): FailureCause[] =>
  outputs.flatMap(({ failure, delivery }) => {
    if (!failure) return [];
    const { block, choice, code } = failure;
    const isChosen = choices.some((one) => one.block === block && one.choice === choice);
    return {
      ...(isChosen ? { block, choice } : { block: "", choice: "" }),
      code,
      stage: delivery ? Stage.PLAN : Stage.JOIN,
    };
  });

/** A plain implementation of an order. */
export const plainly = (order: CombinationOrder) => (a: CombinationStatus, b: CombinationStatus) => {
  const sign = order.direction === "asc" ? 1 : -1;
  if (order.state && a.state !== b.state) {
    const rank = [PLANNED, RENDERED, DELIVERED, FAILED, AWAITING_APPROVAL, REJECTED];
    return (rank.indexOf(a.state) - rank.indexOf(b.state)) * (order.state === "asc" ? 1 : -1);
  }
  const [left, right] = [valueIn(a, order.key), valueIn(b, order.key)];
  if (Number.isNaN(left) !== Number.isNaN(right)) return Number.isNaN(left) ? 1 : -1;
  return sign * (Number.isNaN(left) || left === right ? Number(a.ordinal - b.ordinal) : left - right);
};

function valueIn({ state, endedAt, certificate }: CombinationStatus, key: CombinationOrder["key"]): number {
  if (key === "ended_at") return Number(endedAt?.seconds ?? Number.NaN);
  if (key === "ordinal" || state !== DELIVERED) return Number.NaN;
  return (key === "duration" ? joinOf(certificate)?.videoSeconds : Number(certificate?.sizeBytes)) ?? Number.NaN;
}
