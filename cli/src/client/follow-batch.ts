import type { Tally } from "../progress/tally.js";
import type { Connection } from "./connection.js";
import { resumedStream } from "./resumed-stream.js";

/**
 * Feeds a batch's events after a stream position to `tally` until the batch has finished. Reconnects and resumes if the
 * server restarts.
 */
export async function followBatch(
  connection: Connection,
  batchId: string,
  tally: Tally,
  signal: AbortSignal,
  from = 0n,
): Promise<void> {
  const open = (afterSequence: bigint) => connection.batches.watchBatch({ batchId, afterSequence }, { signal });
  for await (const update of resumedStream(connection, open, signal, from)) tally.add(update);
}
