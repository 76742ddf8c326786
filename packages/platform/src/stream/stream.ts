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

/** A repeated message id within this time is the same message. */
export const DEDUPE_WINDOW_MS = 120_000;

/** The server's refusals that mean something to us. */
const STREAM_NOT_FOUND = 10059;
/** Of a stream that another service is adding at this moment. */
const ADDED_MEANWHILE = new Set([10058, 10065]);
const ADDING_MS = 200;
/** Of a stream that is larger than what the server may store. */
const INSUFFICIENT_STORAGE = 10047;
/** Of more replicas than a server without a cluster has. */
const REPLICAS_WITHOUT_CLUSTER = 10074;
/** Work is taken over from a process that was not heard of for so long. */
export const DEFAULT_ACK_WAIT_MS = 20_000;
/** An outage is waited for this long unless configured otherwise. */
export const DEFAULT_OUTAGE_WAIT_MS = 10 * 60_000;
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
  /** How long work waits for something outside that is away, before it fails. */
  readonly outageWaitMs: number;
  /** Servers that each hold what is kept. */
  readonly replicas: number;
}

export interface StreamOptions {
  readonly maxBytes: number;
  readonly ackWaitMs?: number;
  readonly outageWaitMs?: number;
  /** Servers of a cluster that each hold the stream. One where nothing is said. */
  readonly replicas?: number;
}

/**
 * The one place that declares the stream, and reconciles it at start: limits retention, so that everything can be
 * replayed; `discard: new`, so that nothing undone is ever dropped when it is full. Waits half a minute for a cluster that
 * is starting. Throws PolyreelError `unavailable` where the server keeps no streams, or none of that size or with so many
 * replicas, `precondition` where a later release wrote it.
 */
export async function openStream(connection: NatsConnection, options: StreamOptions): Promise<EventStream> {
  const { maxBytes, ackWaitMs = DEFAULT_ACK_WAIT_MS, replicas = 1 } = options;
  const { outageWaitMs = DEFAULT_OUTAGE_WAIT_MS } = options;
  // What answers are to come by may be refused too: then nothing but a timeout tells.
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
    manager,
    broker: new Broker(connection),
    outbox,
    writer: new StreamWriter(connection, outbox),
    ...settings,
  };
}

/** As the stream's description states it; that of the first release states none. */
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
