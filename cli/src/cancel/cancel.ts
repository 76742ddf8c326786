import { BatchState } from "@polyreel/contract";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

const TIMEOUT_MS = 30_000;

/** Cancels a batch on a server and prints how much of it was delivered. */
export async function cancel(
  { batchId, server }: { batchId: string; server: string },
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const request = connection.batches.cancelBatch({ batchId }, { timeoutMs: TIMEOUT_MS });
    const { batch } = await call(connection, request);
    const what = batch?.state === BatchState.FINISHED ? "had ended already" : "is cancelled";
    const delivered = counted(batch?.combinations?.delivered ?? 0n, "video");
    await terminal.print(`${batchId} ${what}: ${delivered} delivered\n`);
  } finally {
    connection.close();
  }
}
