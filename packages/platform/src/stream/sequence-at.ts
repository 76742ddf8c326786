import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { STREAM } from "@polyreel/contract";
import { requestOnce } from "./request-once.js";
import type { EventStream } from "./stream.js";

const FORGOTTEN_MS = 10_000;

/**
 * Position in the stream of the first message at or after a time; one more than the last if there is none. The server
 * finds it: a consumer that begins at a time reports its start.
 */
export async function sequenceAt({ connection, manager }: EventStream, time: Date): Promise<number> {
  const { name, delivered } = await requestOnce(connection, () =>
    manager.consumers.add(STREAM, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: time.toISOString(),
      inactive_threshold: nanos(FORGOTTEN_MS),
      mem_storage: true,
    }),
  );
  await manager.consumers.delete(STREAM, name).catch(() => {}); // It expires by itself too.
  return delivered.stream_seq + 1;
}
