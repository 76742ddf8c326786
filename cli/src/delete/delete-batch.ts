import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { BatchStatus } from "@polyreel/contract";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { triesOf } from "../progress/trying-again.js";
import { counted, formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

/** For so long the end of a deletion is awaited: it goes on by itself. */
const AWAITED_MS = 10_000;
const LOOK_MS = 100;

/** Removes a server's batch, and what was made for it alone. */
export async function deleteBatch(
  { batchId, server }: { batchId: string; server: string },
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const deleted = await call(connection, connection.batches.deleteBatch({ batchId }));
    const parts = `${counted(deleted.removedParts, "part")} (${formatBytes(deleted.removedPartBytes)})`;
    const left = await untilGone(connection, batchId);
    if (left) await terminal.print(`${batchId} is being deleted${whatKeeps(left)}\n`);
    else await terminal.print(`${batchId} is deleted, with ${parts} that no other batch uses\n`);
  } finally {
    connection.close();
  }
}

/** Undefined when it is gone; what is known of it where that takes longer than it is awaited. */
async function untilGone(connection: Connection, batchId: string): Promise<BatchStatus | undefined> {
  for (const until = Date.now() + AWAITED_MS; ; await sleep(LOOK_MS)) {
    const status = await connection.batches.getBatch({ batchId }).then(
      ({ batch }) => batch,
      (error: unknown) => (ConnectError.from(error).code === Code.NotFound ? undefined : Promise.reject(error)),
    );
    if (!status || Date.now() > until) return status;
  }
}

function whatKeeps({ waiting }: BatchStatus): string {
  const { next } = waiting ?? {};
  return next
    ? `, and waits (${triesOf(next, Date.now())}): ${next.reason}`
    : ": its videos are removed by an uploader";
}
