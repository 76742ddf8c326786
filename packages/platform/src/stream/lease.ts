import { type KV, Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import { retryUntilLeader } from "../flow/retry-until-leader.js";
import { DEDUPE_WINDOW_MS, type EventStream } from "./stream.js";

const BUCKET = "polyreel-leases";

/** A held lease. */
export interface Lease {
  /**
   * Throws PolyreelError `unavailable` if it is no longer held: this process was paused, or the broker unavailable, for
   * longer than it lasts. Call it before a write that must not happen concurrently with another holder's.
   */
  assertHeld(): Promise<void>;
}

/**
 * Leases by name, with one holder among all processes; a dead holder loses them within the ack wait. So does a paused
 * one, without noticing: what it does then must be harmless, or check first.
 */
export interface Leases {
  /** Runs `work` while holding the lease. If another holds it, returns false at once without running it. */
  tryHold(name: string, work: (lease: Lease) => Promise<void>): Promise<boolean>;
  /** Whether it has no holder at present. */
  isFree(name: string): Promise<boolean>;
}

export async function openLeases(stream: EventStream): Promise<Leases> {
  const { connection, manager, replicas, ackWaitMs, beatMs } = stream;
  const bucket = await retryUntilLeader(() =>
    new Kvm(connection).create(BUCKET, { ttl: ackWaitMs, history: 1, replicas }),
  );
  // An existing bucket would otherwise keep its own duration and replicas.
  const duplicateWindowMs = Math.min(ackWaitMs, DEDUPE_WINDOW_MS); // As at its creation; one longer than the age is refused.
  const settings = {
    max_age: nanos(ackWaitMs),
    duplicate_window: nanos(duplicateWindowMs),
    num_replicas: replicas,
  };
  await retryUntilLeader(() => manager.streams.update(`KV_${BUCKET}`, settings));
  return {
    async tryHold(name, work) {
      const acquired = await acquire(bucket, name);
      if (acquired === undefined) return false;
      const lease = new HeldLease(bucket, name, acquired);
      const renewing = setInterval(() => lease.renew(), beatMs);
      try {
        await work(lease);
        return true;
      } finally {
        clearInterval(renewing);
        await lease.release();
      }
    },
    isFree: async (name) => (await bucket.get(name))?.operation !== "PUT",
  };
}

/**
 * A key at a revision, which is the lease's token: the next holder has another one. It is renewed and removed at this
 * revision only, sequentially.
 */
class HeldLease implements Lease {
  #revision: number;
  #renewal: Promise<void> | undefined;

  constructor(
    private readonly bucket: KV,
    private readonly name: string,
    revision: number,
  ) {
    this.#revision = revision;
  }

  renew(): void {
    this.#renewal ??= this.#renewed()
      .then((revision) => {
        this.#revision = revision;
      })
      .catch(() => {}) // The broker is unavailable, or another holds it.
      .finally(() => {
        this.#renewal = undefined;
      });
  }

  /** Takes an expired lease again if it has no other holder. */
  #renewed(): Promise<number> {
    return this.bucket.update(this.name, "held", this.#revision).catch(() => this.bucket.create(this.name, "held"));
  }

  async assertHeld(): Promise<void> {
    await this.#renewal;
    const entry = await this.bucket.get(this.name);
    if (entry?.operation === "PUT" && entry.revision === this.#revision) return;
    throw new PolyreelError("unavailable", {
      reason: "Another process has taken this work over.",
      remedy: "Try again.",
    });
  }

  async release(): Promise<void> {
    await this.#renewal;
    await this.bucket.purge(this.name, { previousSeq: this.#revision }).catch(() => {}); // Held by another, or it expires.
  }
}

/** The revision of the lease after acquiring it; undefined if another holds it. */
async function acquire(bucket: KV, name: string): Promise<number | undefined> {
  try {
    return await bucket.create(name, "held");
  } catch (error) {
    if (await bucket.get(name).catch(() => null)) return undefined;
    throw error;
  }
}
