import { setTimeout as sleep } from "node:timers/promises";
import { BatchState } from "@polyreel/contract";
import type { Connection } from "./connection.js";

const POLL_MS = 500;

/**
 * Resolves with true once everything that remains of a batch waits for approval, so that a watcher can stop; with false
 * if its combinations need no approval, or when the signal aborts. Failed requests are repeated.
 */
export async function awaitDecision({ batches }: Connection, batchId: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const { batch } = await batches.getBatch({ batchId }, { signal }).catch(() => ({ batch: undefined }));
    if (batch?.state === BatchState.AWAITING_APPROVAL) return true;
    if (batch && !batch.approve) return false;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}
