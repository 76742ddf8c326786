import { type KV, Kvm } from "@nats-io/kv";
import type { EventStream } from "@polyreel/platform/stream";

const BUCKET = "polyreel-tries";
const KEPT_MS = 24 * 60 * 60_000;

/** What became of a message before, from 0. */
export interface DeliveryAttempts {
  /** It was worked, and failed in a way that can pass. */
  readonly failed: number;
  /** When it first did, in milliseconds since 1970; 0: it never did. */
  readonly failingSince: number;
  /** It was at work in a slot, not for the first time, when the process died. */
  readonly lost: number;
}

export const NO_ATTEMPTS: DeliveryAttempts = { failed: 0, failingSince: 0, lost: 0 };

/**
 * How messages have fared, by consumer and position in the stream. The broker counts how often it handed a message out,
 * which also happens where a process ends and gives back what it holds: restarts must not use up a message's tries. Only
 * messages that come again are looked up, and only what goes wrong is kept, for a day.
 */
export class AttemptsLog {
  #opening: Promise<KV> | undefined;

  constructor(private readonly stream: EventStream) {}

  async of(key: string): Promise<DeliveryAttempts> {
    const entry = await (await this.#bucket()).get(key);
    return entry?.operation === "PUT" ? { ...NO_ATTEMPTS, ...entry.json<Partial<DeliveryAttempts>>() } : NO_ATTEMPTS;
  }

  async keep(key: string, tries: DeliveryAttempts): Promise<void> {
    await (await this.#bucket()).put(key, JSON.stringify(tries));
  }

  #bucket(): Promise<KV> {
    const { connection, replicas } = this.stream;
    this.#opening ??= new Kvm(connection).create(BUCKET, { ttl: KEPT_MS, history: 1, replicas });
    this.#opening.catch(() => {
      this.#opening = undefined; // the next one tries again
    });
    return this.#opening;
  }
}
