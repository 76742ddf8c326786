import { setTimeout as sleep } from "node:timers/promises";
import { BatchState, type BatchStatus, type CombinationState, type CombinationStatus } from "@polyreel/contract";
import { call } from "./call.js";
import { combinationsOf } from "./combinations.js";
import type { Connection } from "./connection.js";

const PATIENCE_MS = 5000;
const LOOK_MS = 20;
const AT_REST: ReadonlySet<BatchState> = new Set([
  BatchState.FINISHED,
  BatchState.CANCELLED,
  BatchState.AWAITING_APPROVAL,
]);

/** A batch that has ended, or goes on only when somebody approves, as the server knows it. */
export interface FinishedBatch {
  readonly status: BatchStatus;
  /** Its combinations in a state, in the batch's order, fetched page by page. */
  combinations(state: CombinationState): AsyncIterable<CombinationStatus>;
}

/** The batch, once the server's own view of it has come to its end too: that may be a moment after the facts tell it. */
export async function fetchFinished(
  connection: Connection,
  batchId: string,
  signal: AbortSignal,
): Promise<FinishedBatch> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(LOOK_MS, undefined, { signal })) {
    const { batch } = await call(connection, connection.batches.getBatch({ batchId }, { signal }));
    if (!batch) throw new Error(`The server told nothing about batch ${batchId}.`);
    if (AT_REST.has(batch.state) || Date.now() >= until) {
      return { status: batch, combinations: (state) => combinationsOf(connection, { batchId, state }, signal) };
    }
  }
}
