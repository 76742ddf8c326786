import { setTimeout as sleep } from "node:timers/promises";
import { DiscardPolicy, type JetStreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import { ATTEMPTS_BUCKET, LEASES_BUCKET, STREAM, STREAM_SUBJECTS } from "@polyreel/contract";
import { PolyreelError } from "../errors.js";
import { codeOf, isNotYet, retryUntilLeader } from "../flow/retry-until-leader.js";
import { assertKnownFormat, FORMAT } from "../format.js";
import { about } from "./about.js";
import { DEDUPE_WINDOW_MS, declareBucket } from "./declare-bucket.js";
import { reconcileStream } from "./reconcile-stream.js";

/** Attempts at messages are remembered for a day. */
const ATTEMPTS_KEPT_MS = 24 * 60 * 60_000;

/** The server's error codes that are handled. */
export const STREAM_NOT_FOUND = 10059;
/** A stream that another gateway is adding at the same time. */
const ADDED_MEANWHILE = new Set([10058, 10065]);
const ADDING_MS = 200;
/** A stream that exceeds the server's storage. */
const INSUFFICIENT_STORAGE = 10047;
/** More replicas than a server without a cluster supports. */
const REPLICAS_WITHOUT_CLUSTER = 10074;

export interface DeclaredStream {
  readonly maxBytes: number;
  /** Number of a cluster's servers that hold a copy. */
  readonly replicas: number;
  /** Duration of leases. */
  readonly ackWaitMs: number;
}

/**
 * The single place that declares the stream of facts and the buckets beside it, and reconciles them: limits retention, so
 * that everything can be replayed; `discard: new`, so that no pending work is ever dropped when it is full. Waits half a
 * minute for a starting cluster.
 */
export async function declareStream(
  connection: NatsConnection,
  manager: JetStreamManager,
  { maxBytes, replicas, ackWaitMs }: DeclaredStream,
): Promise<void> {
  const changeable = {
    subjects: [STREAM_SUBJECTS],
    discard: DiscardPolicy.New,
    max_bytes: maxBytes,
    num_replicas: replicas,
    duplicate_window: nanos(DEDUPE_WINDOW_MS),
    ...about(connection, `Facts of Polyreel, format ${FORMAT}`),
  };
  const fixed = { name: STREAM, retention: RetentionPolicy.Limits, storage: StorageType.File };
  const update = async () => {
    const { config } = await manager.streams.info(STREAM);
    assertFormat(config.description);
    await reconcileStream(manager, STREAM, changeable);
  };
  await retryUntilLeader(async () => {
    try {
      return await update();
    } catch (error) {
      if (codeOf(error) !== STREAM_NOT_FOUND) throw error;
    }
    try {
      await manager.streams.add({ ...fixed, ...changeable });
    } catch (error) {
      if (!ADDED_MEANWHILE.has(codeOf(error) ?? 0)) throw error;
      await sleep(ADDING_MS);
      await update();
    }
  });
  const broker = { connection, manager, replicas };
  await declareBucket(broker, {
    name: LEASES_BUCKET,
    description: "Leases of Polyreel: which process does what only one may do",
    ttlMs: ackWaitMs,
  });
  await declareBucket(broker, {
    name: ATTEMPTS_BUCKET,
    description: "Failed attempts of Polyreel's stages at messages",
    ttlMs: ATTEMPTS_KEPT_MS,
  });
}

/** Throws PolyreelError `precondition` if a later release wrote the stream. */
export const assertFormat = (description: string | undefined): void =>
  assertKnownFormat(formatIn(description), `The event stream ${STREAM}`, "give another nats-server");

/** The format in the stream's description; the first release stated none. */
const formatIn = (description = ""): number => Number(/\bformat (\d+)/.exec(description)?.[1] ?? 1);

/** Converts the error of a stream that could not be declared or read. */
export function notOpened(
  cause: unknown,
  { maxBytes, replicas }: Pick<DeclaredStream, "maxBytes" | "replicas">,
): unknown {
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
