import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** A raw message of the stream. */
export interface StreamMessage {
  /** Its subject without prefix and batch id: "combination.delivered". */
  readonly name: string;
  readonly sequence: number;
  readonly data: Uint8Array;
}

const STREAM = "POLYREEL";
const FETCHED = 500;

/** Every message in the stream of a batch, read without Polyreel's own code. */
export async function readStream(natsUrl: string, batchId: string): Promise<StreamMessage[]> {
  const connection = await connect({ servers: natsUrl });
  try {
    const subject = `polyreel.*.*.${batchId}`;
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAM, { subjects_filter: subject });
    const wanted = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    const consumer = await jetstream(connection).consumers.get(STREAM, { filter_subjects: subject });
    const found: StreamMessage[] = [];
    while (found.length < wanted) {
      const before = found.length;
      const messages = await consumer.fetch({ max_messages: Math.min(FETCHED, wanted - found.length), expires: 5_000 });
      for await (const { subject, seq: sequence, data } of messages) {
        found.push({ name: subject.split(".").slice(1, 3).join("."), sequence, data });
      }
      if (found.length === before) throw new Error(`The stream gave ${before} of ${wanted} messages of ${batchId}.`);
    }
    return found;
  } finally {
    await connection.close();
  }
}
