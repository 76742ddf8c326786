import { setTimeout as sleep } from "node:timers/promises";
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
import { PolyreelError } from "../errors.js";
import { codeOf, isNotYet, retryUntilLeader } from "../flow/retry-until-leader.js";
import { assertKnownFormat, FORMAT } from "../format.js";
import { Broker } from "./broker.js";
import { Outbox } from "./outbox.js";
import { type RefusedRight, refusedRightIn, rightRefused, watchRights } from "./rights.js";
import { StreamWriter } from "./stream-writer.js";

/** A repeated message id within this time is a duplicate. */
export const DEDUPE_WINDOW_MS = 120_000;

/** The server's error codes that are handled. */
const STREAM_NOT_FOUND = 10059;
/** A stream that another service is adding at the same time. */
const ADDED_MEANWHILE = new Set([10058, 10065]);
const ADDING_MS = 200;
/** A stream that exceeds the server's storage. */
const INSUFFICIENT_STORAGE = 10047;
/** More replicas than a server without a cluster supports. */
const REPLICAS_WITHOUT_CLUSTER = 10074;
/** Work of a process that was silent for this long is taken over. */
export const DEFAULT_ACK_WAIT_MS = 20_000;
/** Default time to wait for the end of an outage. */
export const DEFAULT_OUTAGE_WAIT_MS = 10 * 60_000;
/**
 * A cluster may place an ordered consumer, which has no replicas, on a server that has just died: its creation is then never
 * answered, and the next one may be placed elsewhere.
 */
const PLACING_MS = 2_000;
/** Heartbeats per ack wait: one or two may be lost. */
const BEATS = 4;

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
}

export interface StreamOptions {
  readonly maxBytes: number;
  readonly ackWaitMs?: number;
  readonly outageWaitMs?: number;
  /** Number of a cluster's servers that hold the stream. One by default. */
  readonly replicas?: number;
}

/**
 * The single place that declares the stream, and reconciles it at start: limits retention, so that everything can be
 * replayed; `discard: new`, so that no pending work is ever dropped when it is full. Waits half a minute for a starting
 * cluster. Throws PolyreelError `unavailable` if the server has no JetStream, or not enough storage or replicas,
 * `precondition` if a later release wrote it.
 */
export async function openStream(connection: NatsConnection, options: StreamOptions): Promise<EventStream> {
  const { maxBytes, ackWaitMs = DEFAULT_ACK_WAIT_MS, replicas = 1 } = options;
  const { outageWaitMs = DEFAULT_OUTAGE_WAIT_MS } = options;
  // Subscriptions for answers may be denied too: then only a timeout would show it.
  let refused: RefusedRight | undefined;
  void watchRights(connection, (right) => {
    refused ??= right;
  });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const changeable = {
    subjects: [STREAM_SUBJECTS],
    discard: DiscardPolicy.New,
    max_bytes: maxBytes,
    num_replicas: replicas,
    duplicate_window: nanos(DEDUPE_WINDOW_MS),
    description: `Facts of Polyreel, format ${FORMAT}`,
  };
  const fixed = { name: STREAM, retention: RetentionPolicy.Limits, storage: StorageType.File };
  const update = async () => {
    const { config } = await manager.streams.info(STREAM);
    assertKnownFormat(formatIn(config.description), `The event stream ${STREAM}`, "give another nats-server");
    return await manager.streams.update(STREAM, changeable);
  };
  const declare = async () => {
    try {
      return await update();
    } catch (error) {
      if (codeOf(error) !== STREAM_NOT_FOUND) throw error;
    }
    try {
      return await manager.streams.add({ ...fixed, ...changeable });
    } catch (error) {
      if (!ADDED_MEANWHILE.has(codeOf(error) ?? 0)) throw error;
      await sleep(ADDING_MS);
      return await update();
    }
  };
  await retryUntilLeader(declare).catch((error: unknown) => {
    const right = refusedRightIn(error) ?? refused;
    throw right ? rightRefused(right, error) : notOpened(error, { maxBytes, replicas });
  });
  const settings = { replicas, ackWaitMs, beatMs: ackWaitMs / BEATS, outageWaitMs };
  const outbox = new Outbox();
  return {
    connection,
    client: jetstream(connection),
    readers: jetstream(connection, replicas > 1 ? { timeout: PLACING_MS } : {}),
    manager,
    broker: new Broker(connection),
    outbox,
    writer: new StreamWriter(connection, outbox),
    ...settings,
  };
}

/** The format in the stream's description; the first release stated none. */
const formatIn = (description = ""): number => Number(/\bformat (\d+)/.exec(description)?.[1] ?? 1);

function notOpened(cause: unknown, { maxBytes, replicas }: { maxBytes: number; replicas: number }): unknown {
  const unavailable = (reason: string, remedy: string) =>
    new PolyreelError("unavailable", { reason: `The event stream's server (NATS) ${reason}`, remedy }, { cause });
  // Its class is not exported.
  if (cause instanceof Error && cause.name === "JetStreamNotEnabled") {
    return unavailable("runs without JetStream.", "Start it as nats-server -js.");
  }
  const code = codeOf(cause);
  if (code === INSUFFICIENT_STORAGE) {
    return unavailable(
      `has no room for a stream of ${maxBytes} bytes.`,
      "Lower POLYREEL_STREAM_MAX_BYTES, or let the server store more (max_file_store).",
    );
  }
  if (code === REPLICAS_WITHOUT_CLUSTER || isNotYet(cause)) {
    return unavailable(
      `can't keep the stream on ${replicas} ${replicas === 1 ? "server" : "servers"}.`,
      "Set POLYREEL_STREAM_REPLICAS to 1, or start as many servers of its cluster.",
    );
  }
  return cause;
}
