import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import { STREAM, STREAM_SUBJECTS } from "@polyreel/contract";
import { PolyreelError } from "../errors.js";
import { Broker } from "./broker.js";
import { Outbox } from "./outbox.js";
import { StreamWriter } from "./stream-writer.js";

/** A repeated message id within this time is the same message. */
const DEDUPE_WINDOW_MS = 120_000;
/** The server's refusal of a stream that is larger than what it may store. */
const INSUFFICIENT_STORAGE = 10047;

/** Work is taken over from a process that was not heard of for so long. */
export const DEFAULT_ACK_WAIT_MS = 20_000;
/** Who works says so that often in an ack wait: a beat or two may be lost. */
const BEATS = 4;

/** The stream of facts, ready for use. */
export interface EventStream {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly broker: Broker;
  readonly outbox: Outbox;
  readonly writer: StreamWriter;
  readonly ackWaitMs: number;
  /** Between two signs of life. */
  readonly beatMs: number;
}

/**
 * The one place that declares the stream, and reconciles it at start: limits retention, so that everything can be
 * replayed; `discard: new`, so that nothing undone is ever dropped when it is full. Throws PolyreelError `unavailable`
 * where the server keeps no streams, or none of that size.
 */
export async function openStream(
  connection: NatsConnection,
  options: { maxBytes: number; ackWaitMs?: number },
): Promise<EventStream> {
  const { ackWaitMs = DEFAULT_ACK_WAIT_MS } = options;
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
    const stream = { name: STREAM, retention: RetentionPolicy.Limits, storage: StorageType.File, ...changeable };
    await manager.streams.add(stream).catch((error: unknown) => {
      throw notOpened(error, options.maxBytes);
    });
  }
  const waits = { ackWaitMs, beatMs: ackWaitMs / BEATS };
  const outbox = new Outbox();
  return {
    connection,
    client: jetstream(connection),
    manager,
    broker: new Broker(connection),
    outbox,
    writer: new StreamWriter(connection, outbox),
    ...waits,
  };
}

function notOpened(cause: unknown, maxBytes: number): unknown {
  // Its class is not exported.
  if (cause instanceof Error && cause.name === "JetStreamNotEnabled") {
    const reason = "The event stream's server (NATS) runs without JetStream.";
    return new PolyreelError("unavailable", { reason, remedy: "Start it as nats-server -js." }, { cause });
  }
  if (cause instanceof JetStreamApiError && cause.apiError().err_code === INSUFFICIENT_STORAGE) {
    const reason = `The event stream's server (NATS) has no room for a stream of ${maxBytes} bytes.`;
    const remedy = "Lower POLYREEL_STREAM_MAX_BYTES, or let the server store more (max_file_store).";
    return new PolyreelError("unavailable", { reason, remedy }, { cause });
  }
  return cause;
}
