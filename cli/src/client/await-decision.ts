import { setTimeout as sleep } from "node:timers/promises";
import { BatchState } from "@polyreel/contract";
import type { Connection } from "./connection.js";

const LOOK_MS = 500;

/**
 * Resolves with true when all that is left of a batch waits for approval, which no watcher should wait for; with false where
 * its combinations never do, or when the signal aborts. What the server fails to answer is asked again.
 */
export async function awaitDecision({ batches }: Connection, batchId: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const { batch } = await batches.getBatch({ batchId }, { signal }).catch(() => ({ batch: undefined }));
    if (batch?.state === BatchState.AWAITING_APPROVAL) return true;
    if (batch && !batch.approve) return false;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}
