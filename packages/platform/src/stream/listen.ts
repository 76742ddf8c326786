import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { NatsConnection } from "@nats-io/transport-node";

/**
 * Receives live messages of a subject, outside the stream; returns a function that stops. Unreadable ones are skipped:
 * an error thrown in a subscription's callback ends the connection's reader, and the process would receive nothing
 * more. Of several listeners of one `queue`, one receives each message.
 */
export function listen<Desc extends DescMessage>(
  connection: NatsConnection,
  subject: string,
  schema: Desc,
  hear: (message: MessageShape<Desc>) => void,
  queue?: string,
): () => void {
  const subscription = connection.subscribe(subject, {
    ...(queue && { queue }),
    callback: (error, { data }) => {
      const message = error ? undefined : read(schema, data);
      if (message) hear(message);
    },
  });
  return () => subscription.unsubscribe();
}

function read<Desc extends DescMessage>(schema: Desc, data: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return fromBinary(schema, data);
  } catch {
    return undefined;
  }
}
