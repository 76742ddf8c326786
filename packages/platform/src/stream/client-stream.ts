import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { headers, nanos } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import { codeOf, retryUntilLeader } from "../flow/retry-until-leader.js";
import { about } from "./about.js";
import { reconcileStream } from "./reconcile-stream.js";
import { requestOnce } from "./request-once.js";
import { rightRefusedIn } from "./rights.js";
import type { EventStream } from "./stream.js";

/** A stream beside that of the facts, for messages that clients of the broker publish. */
export interface ClientStream {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly description: string;
  /**
   * `queue`: each message until it is acknowledged; when the stream is full, publishers are refused. `newest`: the
   * newest messages, for people to look at.
   */
  readonly keeps: "queue" | "newest";
  readonly maxBytes: number;
  readonly maxMessages: number;
  readonly maxMessageBytes: number;
  readonly maxAgeMs?: number;
}

const STREAM_NOT_FOUND = 10059;

/** Adds a stream, or gives the existing one these limits. Throws PolyreelError `unavailable` if the server refuses it. */
export async function declareClientStream(
  { connection, manager, replicas }: EventStream,
  given: ClientStream,
): Promise<void> {
  const changeable = {
    subjects: [...given.subjects],
    ...about(connection, given.description),
    discard: given.keeps === "queue" ? DiscardPolicy.New : DiscardPolicy.Old,
    max_bytes: given.maxBytes,
    max_msgs: given.maxMessages,
    max_msg_size: given.maxMessageBytes,
    max_age: nanos(given.maxAgeMs ?? 0),
    num_replicas: replicas,
  };
  const fixed = {
    name: given.name,
    retention: given.keeps === "queue" ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    storage: StorageType.File,
  };
  await retryUntilLeader(() =>
    reconcileStream(manager, given.name, changeable).catch(async (error: unknown) => {
      if (codeOf(error) !== STREAM_NOT_FOUND) throw error;
      await manager.streams.add({ ...fixed, ...changeable });
    }),
  ).catch((error: unknown) => {
    const refused = rightRefusedIn(error, connection);
    if (refused) throw refused;
    throw new PolyreelError(
      "unavailable",
      {
        reason: `The event stream's server (NATS) does not open the stream ${given.name} of ${given.maxBytes} bytes (${(error as Error).message}).`,
        remedy: "Let the server store more (max_file_store), or lower the size of this stream.",
      },
      { cause: error, outage: false },
    );
  });
}

/** Number of messages in a stream by subject. */
export async function messagesBySubject({ manager }: EventStream, name: string): Promise<ReadonlyMap<string, number>> {
  const { state } = await manager.streams.info(name, { subjects_filter: ">" });
  return new Map(Object.entries(state.subjects ?? {}));
}

/** Appends a message to the stream of its subject; resolves when the stream has it. */
export async function appendTo(
  { client, connection }: EventStream,
  subject: string,
  payload: Uint8Array,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const carried = headers();
  for (const [name, value] of Object.entries(fields)) carried.set(name, value);
  await requestOnce(connection, () => client.publish(subject, payload, { headers: carried }));
}

/**
 * Sends clients a message, outside the streams; resolves when the server has it. Throws PolyreelError `unavailable` if
 * the server is disconnected.
 */
export async function sendToClients(
  { connection, broker }: EventStream,
  subject: string,
  payload: Uint8Array,
): Promise<void> {
  broker.assertThere();
  connection.publish(subject, payload);
  await connection.flush();
}

/** Payload of a message at a position of a stream; undefined if it was removed. */
export async function payloadAt(
  { manager, connection }: EventStream,
  name: string,
  sequence: number,
): Promise<Uint8Array | undefined> {
  const stored = await requestOnce(connection, () => manager.streams.getMessage(name, { seq: sequence }));
  return stored?.data;
}
