import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { STREAM } from "@polyreel/contract";

/** Current size of the event stream in bytes. */
export async function streamSize(natsUrl: string): Promise<number> {
  const connection = await connect({ servers: natsUrl });
  try {
    return (await (await jetstreamManager(connection)).streams.info(STREAM)).state.bytes;
  } finally {
    await connection.close();
  }
}
