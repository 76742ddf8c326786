import { counted, formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { call } from "./call.js";
import { connectTo } from "./connection.js";

/** Removes a server's batch, and what was made for it alone. */
export async function deleteBatch(
  { batchId, server }: { batchId: string; server: string },
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const deleted = await call(connection, connection.batches.deleteBatch({ batchId }));
    const parts = `${counted(deleted.removedParts, "part")} (${formatBytes(deleted.removedPartBytes)})`;
    await terminal.print(`${batchId} is deleted, with ${parts} that no other batch uses\n`);
  } finally {
    connection.close();
  }
}
