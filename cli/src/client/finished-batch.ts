import { setTimeout as sleep } from "node:timers/promises";
import { BatchState, type BatchStatus, type CombinationState, type CombinationStatus } from "@polyreel/contract";
import { call } from "./call.js";
import { combinationsOf } from "./combinations.js";
import type { Connection } from "./connection.js";

const TIMEOUT_MS = 5000;
const POLL_MS = 20;
const SETTLED_STATES: ReadonlySet<BatchState> = new Set([
  BatchState.FINISHED,
  BatchState.CANCELLED,
  BatchState.AWAITING_APPROVAL,
]);

/** A batch that has finished, or that only an approval can continue, as the server reports it. */
export interface FinishedBatch {
  readonly status: BatchStatus;
  /** The combinations in a state, in the batch's order, fetched page by page. */
  combinations(state: CombinationState): AsyncIterable<CombinationStatus>;
}

/** Fetches a finished batch. Waits until the read model shows its end, which may be a moment after the facts. */
export async function fetchFinished(
  connection: Connection,
  batchId: string,
  signal: AbortSignal,
): Promise<FinishedBatch> {
  for (const until = Date.now() + TIMEOUT_MS; ; await sleep(POLL_MS, undefined, { signal })) {
    const { batch } = await call(connection, connection.batches.getBatch({ batchId }, { signal }));
    if (!batch) throw new Error(`The server returned no batch ${batchId}.`);
    if (SETTLED_STATES.has(batch.state) || Date.now() >= until) {
      return { status: batch, combinations: (state) => combinationsOf(connection, { batchId, state }, signal) };
    }
  }
}
