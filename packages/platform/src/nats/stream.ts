import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import { STREAM, STREAM_SUBJECTS } from "@polyreel/contract";
import { Broker } from "./broker.js";

/** A repeated message id within this time is the same message. */
const DEDUPE_WINDOW_MS = 120_000;

/** The stream of facts, ready for use. */
export interface EventStream {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly broker: Broker;
}

/**
 * The one place that declares the stream, and reconciles it at start: limits retention, so that everything can be
 * replayed; `discard: new`, so that nothing undone is ever dropped when it is full.
 */
export async function openStream(connection: NatsConnection, options: { maxBytes: number }): Promise<EventStream> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const changeable = {
    subjects: [STREAM_SUBJECTS],
    discard: DiscardPolicy.New,
    max_bytes: options.maxBytes,
    duplicate_window: nanos(DEDUPE_WINDOW_MS),
  };
  try {
    await manager.streams.update(STREAM, changeable);
  } catch {
    await manager.streams.add({
      name: STREAM,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      ...changeable,
    });
  }
  return { connection, client: jetstream(connection), manager, broker: new Broker(connection) };
}
