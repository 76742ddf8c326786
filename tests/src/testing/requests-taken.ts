import { STREAM } from "@polyreel/contract";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, openStream } from "@polyreel/platform/stream";
import type { Pipeline } from "./pipeline.js";

/** Number of a batch's requests for clips that renderers have taken, but not acknowledged. */
export async function requestsTaken({ nats }: Pick<Pipeline, "nats">, batchId: string): Promise<number> {
  const connection = await connectNats({ url: nats.url, name: "test", log: createLog("test", "silent") });
  try {
    const { manager } = await openStream(connection, { maxBytes: 10 * 1024 ** 3 });
    const consumer = await manager.consumers.info(STREAM, `renderer-clip-${batchId}`).catch(() => undefined);
    return consumer?.num_ack_pending ?? 0;
  } finally {
    await connection.close();
  }
}
