import { reaches } from "../../call/call.js";
import { comparePositions, positionOf } from "../batch-order.js";
import type { BatchesAsked, KnownBatch } from "../read-model.js";

/** The requested page of all batches. */
export function pageOf(all: readonly KnownBatch[], { scope, states, order, after, limit }: BatchesAsked): KnownBatch[] {
  const compare = comparePositions(order);
  return all
    .filter(({ status }) => reaches(scope, status.tenant))
    .filter(({ status }) => states.length === 0 || states.includes(status.state))
    .map((batch) => ({ batch, position: positionOf(batch.status, order) }))
    .filter(({ position }) => !after || compare(position, after) > 0)
    .sort((a, b) => compare(a.position, b.position))
    .slice(0, limit)
    .map(({ batch }) => batch);
}
