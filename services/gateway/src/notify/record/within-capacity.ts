import type { NewNotification } from "../notification.js";

/** Notifications of one tenant that may wait at a time. */
export const MAX_WAITING = 100_000;

/**
 * Those notifications that still find room, where `waiting` of the tenant wait already; the ends of batches always do.
 * Also the number of those that don't.
 */
export function withinCapacity(
  notices: readonly NewNotification[],
  waiting: number,
  most: number,
): { kept: NewNotification[]; dropped: number } {
  let room = most - waiting;
  const kept = notices.filter(({ type }) => type === "batch.finished" || room-- > 0);
  return { kept, dropped: notices.length - kept.length };
}
