import { BatchState } from "@polyreel/contract";
import { InvalidArgumentError } from "commander";

/** Batch states by their names on the command line. */
export const BATCH_STATE_NAMES = {
  planning: BatchState.PLANNING,
  running: BatchState.RUNNING,
  awaiting: BatchState.AWAITING_APPROVAL,
  finished: BatchState.FINISHED,
  cancelled: BatchState.CANCELLED,
  deleting: BatchState.DELETING,
} as const;

export const nameOfState = (state: BatchState): string =>
  Object.entries(BATCH_STATE_NAMES).find(([, value]) => value === state)?.[0] ?? "unknown";

export function parseBatchState(text: string): BatchState {
  const name = text.toLowerCase();
  if (Object.hasOwn(BATCH_STATE_NAMES, name)) return BATCH_STATE_NAMES[name as keyof typeof BATCH_STATE_NAMES];
  throw new InvalidArgumentError(`States of batches are ${Object.keys(BATCH_STATE_NAMES).join(", ")}.`);
}
