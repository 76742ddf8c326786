import { type KV, Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/transport-node";
import { patiently } from "./patience.js";
import type { EventStream } from "./stream.js";

const BUCKET = "polyreel-leases";

/** Leases over names, held by at most one holder of all processes; a holder that dies loses them within the ack wait. */
export interface Leases {
  /** Runs `work` while holding the lease. Where another holds it, tells false at once and runs nothing. */
  tryHold(name: string, work: () => Promise<void>): Promise<boolean>;
  /** Whether nobody holds it now. */
  isFree(name: string): Promise<boolean>;
}

export async function openLeases(stream: EventStream): Promise<Leases> {
  const { connection, manager, replicas, ackWaitMs, beatMs } = stream;
  const bucket = await patiently(() => new Kvm(connection).create(BUCKET, { ttl: ackWaitMs, history: 1, replicas }));
  // One that was there keeps its own time, and its own servers, otherwise.
  const settings = { max_age: nanos(ackWaitMs), num_replicas: replicas };
  await patiently(() => manager.streams.update(`KV_${BUCKET}`, settings));
  return {
    async tryHold(name, work) {
      if (!(await acquire(bucket, name))) return false;
      const renewing = setInterval(() => {
        bucket.put(name, "held").catch(() => {}); // the broker is away: the lease may be lost, the work stays right
      }, beatMs);
      try {
        await work();
        return true;
      } finally {
        clearInterval(renewing);
        await bucket.purge(name).catch(() => {});
      }
    },
    isFree: async (name) => (await bucket.get(name))?.operation !== "PUT",
  };
}

/** Whether the lease is ours now; it is not where another holds it. */
async function acquire(bucket: KV, name: string): Promise<boolean> {
  try {
    await bucket.create(name, "held");
    return true;
  } catch (error) {
    if (await bucket.get(name).catch(() => null)) return false;
    throw error;
  }
}
