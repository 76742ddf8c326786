import { AsyncLocalStorage } from "node:async_hooks";

/** A message that a stage of this process has taken and not acknowledged yet. */
export interface WorkItem {
  readonly stage: string;
  readonly batch: string;
}

const current = new AsyncLocalStorage<WorkItem>();
const underWay = new Set<WorkItem>();

/**
 * Runs `work` as the work on an item: an error that escapes it, even from a timer or an event, can be traced to the
 * item.
 */
export async function workOn<T>(item: WorkItem, work: () => Promise<T>): Promise<T> {
  underWay.add(item);
  try {
    return await current.run(item, work);
  } finally {
    underWay.delete(item);
  }
}

/** The item whose work is calling, if any. */
export const currentWork = (): WorkItem | undefined => current.getStore();

/** The batches that this process works on, each with the stages that hold its messages. */
export function batchesInWork(): { batch: string; stages: string[] }[] {
  const stages = new Map<string, Set<string>>();
  for (const { batch, stage } of underWay) stages.set(batch, (stages.get(batch) ?? new Set()).add(stage));
  return [...stages].map(([batch, names]) => ({ batch, stages: [...names].sort() }));
}
