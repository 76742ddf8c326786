import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { NatsConnection } from "@nats-io/transport-node";

/**
 * Hears what is said on a subject now, outside the stream; returns how to stop. What can't be read is passed over: an error
 * thrown in a subscription's callback ends the connection's reader, and the process hears nothing ever again.
 */
export function listen<Desc extends DescMessage>(
  connection: NatsConnection,
  subject: string,
  schema: Desc,
  hear: (message: MessageShape<Desc>) => void,
): () => void {
  const subscription = connection.subscribe(subject, {
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
