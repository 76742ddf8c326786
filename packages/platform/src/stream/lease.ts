import { type KV, Kvm } from "@nats-io/kv";
import { millis } from "@nats-io/transport-node";
import { bucketStream, LEASES_BUCKET } from "@polyreel/contract";
import { PolyreelError } from "../errors.js";
import { retryUntilLeader } from "../flow/retry-until-leader.js";
import { requestOnce } from "./request-once.js";
import { BEATS, type EventStream } from "./stream.js";

/** A held lease. */
export interface Lease {
  /**
   * Throws PolyreelError `unavailable` if it is no longer held: this process was paused, or the broker unavailable, for
   * longer than it lasts. Call it before a write that must not happen concurrently with another holder's.
   */
  assertHeld(): Promise<void>;
}

/**
 * Leases by name, with one holder among all processes; a dead holder loses them within the gateways' ack wait. So does a paused
 * one, without noticing: what it does then must be harmless, or check first.
 */
export interface Leases {
  /** Runs `work` while holding the lease. If another holds it, returns false at once without running it. */
  tryHold(name: string, work: (lease: Lease) => Promise<void>): Promise<boolean>;
  /** Whether it has no holder at present. */
  isFree(name: string): Promise<boolean>;
}

/** Leases last as long as the bucket says, which a gateway has declared. */
export async function openLeases({ connection, manager }: EventStream): Promise<Leases> {
  const bucket = await new Kvm(connection).open(LEASES_BUCKET);
  const { config } = await retryUntilLeader(() => manager.streams.info(bucketStream(LEASES_BUCKET)));
  const beatMs = millis(config.max_age) / BEATS;
  return {
    async tryHold(name, work) {
      const acquired = await requestOnce(connection, () => acquire(bucket, name));
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
    isFree: async (name) => (await requestOnce(connection, () => bucket.get(name)))?.operation !== "PUT",
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
