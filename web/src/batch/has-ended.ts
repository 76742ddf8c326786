import { BatchState, type BatchStatus } from "@polyreel/contract";

const ENDED: ReadonlySet<BatchState> = new Set([BatchState.FINISHED, BatchState.CANCELLED]);

/** Whether a batch can be retried or deleted. */
export const hasEnded = ({ state }: BatchStatus): boolean => ENDED.has(state);
