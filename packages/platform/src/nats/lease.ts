import { type KV, Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/transport-node";
import type { EventStream } from "./stream.js";

const BUCKET = "polyreel-leases";
const RETRY_MS = 500;

/** Leases over names, held by at most one holder of all processes; a holder that dies loses them within the ack wait. */
export interface Leases {
  /**
   * Runs `work` while holding the lease. While another holds it, waits, and asks every half second whether the work is
   * `done` by now; if so, returns without running it. The signal ends the waiting.
   */
  hold(
    name: string,
    options: { done: () => Promise<boolean>; signal: AbortSignal },
    work: () => Promise<void>,
  ): Promise<void>;
}

export async function openLeases(stream: EventStream): Promise<Leases> {
  const { connection, manager, replicas, ackWaitMs, beatMs } = stream;
  const bucket = await new Kvm(connection).create(BUCKET, { ttl: ackWaitMs, history: 1, replicas });
  // One that was there keeps its own time, and its own servers, otherwise.
  await manager.streams.update(`KV_${BUCKET}`, { max_age: nanos(ackWaitMs), num_replicas: replicas });
  return {
    async hold(name, { done, signal }, work) {
      let revision = await acquire(bucket, name);
      while (revision === undefined) {
        if (await done()) return;
        signal.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        revision = await acquire(bucket, name);
      }
      const renewing = setInterval(() => {
        bucket.put(name, "held").catch(() => {}); // the broker is away: the lease may be lost, the work stays right
      }, beatMs);
      try {
        if (!(await done())) await work();
      } finally {
        clearInterval(renewing);
        await bucket.purge(name).catch(() => {});
      }
    },
  };
}

/** The lease's revision, or undefined where another holds it. */
async function acquire(bucket: KV, name: string): Promise<number | undefined> {
  try {
    return await bucket.create(name, "held");
  } catch (error) {
    if (await bucket.get(name).catch(() => null)) return undefined;
    throw error;
  }
}
