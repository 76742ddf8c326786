import { counted } from "../terminal/numbers.js";
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
    const { removedParts } = await call(connection, connection.batches.deleteBatch({ batchId }));
    await terminal.print(`${batchId} is deleted, with ${counted(removedParts, "part")} that no other batch uses\n`);
  } finally {
    connection.close();
  }
}
