import { type KV, Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/transport-node";
import { bucketStream } from "@polyreel/contract";
import { retryUntilLeader } from "../flow/retry-until-leader.js";
import { about } from "./about.js";
import { reconcileStream } from "./reconcile-stream.js";
import type { EventStream } from "./stream.js";

/** A repeated message id within this time is a duplicate. */
export const DEDUPE_WINDOW_MS = 120_000;

interface Bucket {
  readonly name: string;
  readonly description: string;
  /** How long a value is kept. For ever if omitted. */
  readonly ttlMs?: number;
}

/** Adds a bucket of keys and values; an existing one would otherwise keep its own duration, replicas and description. */
export async function declareBucket(
  { connection, manager, replicas }: Pick<EventStream, "connection" | "manager" | "replicas">,
  { name, description, ttlMs = 0 }: Bucket,
): Promise<KV> {
  const lifetime = ttlMs > 0 ? { ttl: ttlMs } : {};
  const bucket = await retryUntilLeader(() => new Kvm(connection).create(name, { ...lifetime, history: 1, replicas }));
  // As at its creation; one longer than the age is refused.
  const duplicateWindowMs = ttlMs > 0 ? Math.min(ttlMs, DEDUPE_WINDOW_MS) : DEDUPE_WINDOW_MS;
  const settings = { max_age: nanos(ttlMs), duplicate_window: nanos(duplicateWindowMs), num_replicas: replicas };
  const wanted = { ...settings, ...about(connection, description) };
  await retryUntilLeader(() => reconcileStream(manager, bucketStream(name), wanted));
  return bucket;
}
