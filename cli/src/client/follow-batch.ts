import { setTimeout as sleep } from "node:timers/promises";
import { delayAfter } from "@polyreel/platform/flow";
import type { Tally } from "../progress/tally.js";
import { call, isUnreachable } from "./call.js";
import type { Connection } from "./connection.js";

const BACK_OFF = { firstMs: 250, longestMs: 5000 };
/** With back-off, these cover about a minute without a server. */
const MAX_ATTEMPTS = 15;

/**
 * Feeds a batch's events after a stream position to `tally` until the batch has finished. Reconnects and resumes if the
 * server restarts.
 */
export async function followBatch(
  connection: Connection,
  batchId: string,
  tally: Tally,
  signal: AbortSignal,
  afterSequence = 0n,
): Promise<void> {
  let seen = afterSequence;
  for (let attempts = 0; ; attempts++) {
    try {
      for await (const update of connection.batches.watchBatch({ batchId, afterSequence: seen }, { signal })) {
        if (update.sequence > 0n) seen = update.sequence;
        tally.add(update);
        attempts = 0;
      }
      return;
    } catch (error) {
      if (!isUnreachable(error) || attempts >= MAX_ATTEMPTS) await call(connection, Promise.reject(error));
      await sleep(delayAfter(attempts + 1, BACK_OFF), undefined, { signal });
    }
  }
}
