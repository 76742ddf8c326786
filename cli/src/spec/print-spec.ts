import { toJsonString } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import type { Terminal } from "../terminal/terminal.js";

/** Prints a batch's specification, and notes which of its addresses are incomplete. */
export async function printSpec(
  { batchId, server }: { readonly batchId: string; readonly server: string },
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const { batch, redacted } = await call(connection, connection.batches.getBatchSpecification({ batchId }));
    if (!batch) throw new Error("The server answered without a batch.");
    await terminal.print(`${toJsonString(BatchSchema, batch, { prettySpaces: 2 })}\n`);
    for (const { block, choice, field } of redacted) {
      const where = [block, choice, field].filter(Boolean).join(", ");
      terminal.note(`Redacted, because it contains a key or names a person: ${where}\n`);
    }
  } finally {
    connection.close();
  }
}
