import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { BatchStatus } from "@polyreel/contract";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { describeAttempts } from "../progress/trying-again.js";
import { counted, formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

/** The command waits this long for a deletion to finish; the server completes it in any case. */
const TIMEOUT_MS = 10_000;
const POLL_MS = 100;

/** Deletes a batch from a server, with everything made for it alone. */
export async function deleteBatch(
  { batchId, server }: { batchId: string; server: string },
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const deleted = await call(connection, connection.batches.deleteBatch({ batchId }));
    const parts = `${counted(deleted.removedParts, "part")} (${formatBytes(deleted.removedPartBytes)})`;
    const left = await waitForDeletion(connection, batchId);
    if (left) await terminal.print(`${batchId} is being deleted${pendingReason(left)}\n`);
    else await terminal.print(`${batchId} is deleted, with ${parts} that no other batch uses\n`);
  } finally {
    connection.close();
  }
}

/** Resolves with undefined once the batch is gone, or with its status after the wait. */
async function waitForDeletion(connection: Connection, batchId: string): Promise<BatchStatus | undefined> {
  for (const until = Date.now() + TIMEOUT_MS; ; await sleep(POLL_MS)) {
    const status = await connection.batches.getBatch({ batchId }).then(
      ({ batch }) => batch,
      (error: unknown) => (ConnectError.from(error).code === Code.NotFound ? undefined : Promise.reject(error)),
    );
    if (!status || Date.now() > until) return status;
  }
}

function pendingReason({ waiting }: BatchStatus): string {
  const { next } = waiting ?? {};
  return next
    ? `, and waits (${describeAttempts(next, Date.now())}): ${next.reason}`
    : ": its videos are removed by an uploader";
}
