import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Log } from "../runtime/log.js";
import { awaitStream } from "./await-stream.js";
import { Broker } from "./broker.js";
import { declareStream, notOpened } from "./declare-stream.js";
import { Outbox } from "./outbox.js";
import { type RefusedRight, rightRefused, rightRefusedIn, watchRights } from "./rights.js";
import { StreamWriter } from "./stream-writer.js";

/** Work of a process that was silent for this long is taken over. */
export const DEFAULT_ACK_WAIT_MS = 20_000;
/** Default time to wait for the end of an outage. */
export const DEFAULT_OUTAGE_WAIT_MS = 10 * 60_000;
/**
 * A cluster may place an ordered consumer, which has no replicas, on a server that has just died: its creation is then never
 * answered, and the next one may be placed elsewhere.
 */
const PLACING_MS = 2_000;
/**
 * The server forgets a reader that has not asked for messages for this long: its process was killed, or is stuck. A live one
 * that only waits asks every few seconds; one that is paused for longer reads on with another consumer.
 */
const READERS_KEPT_MS = 60_000;
/** Heartbeats per ack wait, and renewals of a lease in its time: one or two may be lost. */
export const BEATS = 4;

/** The open stream of facts. */
export interface EventStream {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  /** For ordered consumers. */
  readonly readers: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly broker: Broker;
  readonly outbox: Outbox;
  readonly writer: StreamWriter;
  readonly ackWaitMs: number;
  /** Interval of heartbeats. */
  readonly beatMs: number;
  /** How long work waits for an unavailable dependency before it fails. */
  readonly outageWaitMs: number;
  /** Number of servers that hold a copy of the data. */
  readonly replicas: number;
  /** How long the server keeps the consumer of a reader that is gone. */
  readonly readersKeptMs: number;
}

export interface JoinOptions {
  readonly ackWaitMs?: number;
  readonly outageWaitMs?: number;
  /** A minute by default. */
  readonly readersKeptMs?: number;
}

export interface StreamOptions extends JoinOptions {
  readonly maxBytes: number;
  /** Number of a cluster's servers that hold the stream. One by default. */
  readonly replicas?: number;
}

/**
 * Declares the stream, as gateways alone do, and opens it. Throws PolyreelError `unavailable` if the server has no
 * JetStream, not enough storage or replicas, or denies a permission, `precondition` if a later release wrote it.
 */
export async function openStream(connection: NatsConnection, options: StreamOptions): Promise<EventStream> {
  const { maxBytes, replicas = 1, ackWaitMs = DEFAULT_ACK_WAIT_MS } = options;
  const manager = await managerOf(connection);
  const declaring = declareStream(connection, manager, { maxBytes, replicas, ackWaitMs });
  await orRefused(declaring, connection, { maxBytes, replicas });
  return opened(connection, manager, { ...options, replicas });
}

/** Opens the stream once a gateway has declared it: waits as long as it takes. Throws like `openStream`. */
export async function joinStream(connection: NatsConnection, options: JoinOptions, log: Log): Promise<EventStream> {
  const manager = await managerOf(connection);
  const { num_replicas: replicas } = await orRefused(awaitStream(manager, log), connection);
  return opened(connection, manager, { ...options, replicas });
}

const managerOf = (connection: NatsConnection): Promise<JetStreamManager> =>
  jetstreamManager(connection, { checkAPI: false });

/** Reports a permission that the server denies, also one that only a missing answer would show. */
async function orRefused<T>(
  opening: Promise<T>,
  connection: NatsConnection,
  declared = { maxBytes: 0, replicas: 1 },
): Promise<T> {
  let refused: RefusedRight | undefined;
  const noAnswers = new Promise<never>((_, reject) => {
    void watchRights(connection, (right) => {
      refused ??= right;
      if (right.operation === "subscription") reject(rightRefused(right, connection));
    });
  });
  try {
    return await Promise.race([opening, noAnswers]);
  } catch (error) {
    throw (
      rightRefusedIn(error, connection) ??
      (refused ? rightRefused(refused, connection, error) : notOpened(error, declared))
    );
  }
}

function opened(
  connection: NatsConnection,
  manager: JetStreamManager,
  {
    replicas,
    ackWaitMs = DEFAULT_ACK_WAIT_MS,
    outageWaitMs = DEFAULT_OUTAGE_WAIT_MS,
    readersKeptMs = READERS_KEPT_MS,
  }: JoinOptions & { replicas: number },
): EventStream {
  const outbox = new Outbox();
  return {
    connection,
    client: jetstream(connection),
    readers: jetstream(connection, replicas > 1 ? { timeout: PLACING_MS } : {}),
    manager,
    broker: new Broker(connection),
    outbox,
    writer: new StreamWriter(connection, outbox),
    ...{ replicas, ackWaitMs, beatMs: ackWaitMs / BEATS, outageWaitMs, readersKeptMs },
  };
}
