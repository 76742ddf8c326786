import { setTimeout as sleep } from "node:timers/promises";
import { delayAfter } from "@polyreel/platform/flow";
import type { Tally } from "../progress/tally.js";
import { call, isAway } from "./call.js";
import type { Connection } from "./connection.js";

const BACK_OFF = { firstMs: 250, longestMs: 5000 };
/** With the delays between them, about a minute without a server. */
const MAX_TRIES = 15;

/** Tells `tally` what happens to a batch after a position of its stream, until it has ended; goes on where it was when the server goes away and comes back. */
export async function followBatch(
  connection: Connection,
  batchId: string,
  tally: Tally,
  signal: AbortSignal,
  afterSequence = 0n,
): Promise<void> {
  let seen = afterSequence;
  for (let tries = 0; ; tries++) {
    try {
      for await (const update of connection.batches.watchBatch({ batchId, afterSequence: seen }, { signal })) {
        if (update.sequence > 0n) seen = update.sequence;
        tally.add(update);
        tries = 0;
      }
      return;
    } catch (error) {
      if (!isAway(error) || tries >= MAX_TRIES) await call(connection, Promise.reject(error));
      await sleep(delayAfter(tries + 1, BACK_OFF), undefined, { signal });
    }
  }
}
