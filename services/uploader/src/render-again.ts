import type { Combination, CombinationRendered } from "@polyreel/contract";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";

/** Parts that are lost that often are the disk's fault, which is told. */
const MAX_LOSSES = 2;

/**
 * Has a combination rendered again that could not be delivered for want of a part, which was lost, or damaged and removed:
 * as a new attempt, for which the renderer makes what is missing. Tells whether it is.
 */
export async function renderAgain(
  { batchId, tenant, attempt, losses, combination, target }: CombinationRendered,
  parts: PartStore,
  publisher: Publisher,
): Promise<boolean> {
  if (!combination || losses >= MAX_LOSSES || !(await lacksParts(combination, parts))) return false;
  const next = Math.max(1, attempt) + 1;
  await publisher.publish(
    "combination.planned",
    { batchId, tenant, attempt: next, losses: losses + 1, again: true, combination, ...(target && { target }) },
    { id: combination.id, attempt: next },
  );
  return true;
}

async function lacksParts({ clips, soundHash }: Combination, parts: PartStore): Promise<boolean> {
  const there = await Promise.all([
    ...clips.map(({ hash }) => parts.has("clip", hash)),
    soundHash === "" || parts.has("sound", soundHash),
  ]);
  return !there.every(Boolean);
}
