import { BatchState } from "@polyreel/contract";

const NAMES: Readonly<Record<BatchState, string>> = {
  [BatchState.UNSPECIFIED]: "Unknown",
  [BatchState.PLANNING]: "Planning",
  [BatchState.RUNNING]: "Running",
  [BatchState.FINISHED]: "Finished",
  [BatchState.CANCELLED]: "Cancelled",
  [BatchState.DELETING]: "Being deleted",
  [BatchState.AWAITING_APPROVAL]: "Awaiting approval",
};

/** A state of a later release than the page is "Unknown". */
export const stateName = (state: BatchState): string => NAMES[state] ?? NAMES[BatchState.UNSPECIFIED];

const LIVE: ReadonlySet<BatchState> = new Set([BatchState.PLANNING, BatchState.RUNNING, BatchState.DELETING]);

/** Whether it changes by itself. */
export const isLive = (state: BatchState): boolean => LIVE.has(state);
