import { type KV, Kvm } from "@nats-io/kv";
import type { EventStream } from "@polyreel/platform/stream";

const BUCKET = "polyreel-tries";
const KEPT_MS = 24 * 60 * 60_000;

/** Earlier attempts at a message, counted from 0. */
export interface DeliveryAttempts {
  /** Attempts that failed with a retryable error. */
  readonly failed: number;
  /** Time of the first of them, in milliseconds since 1970; 0 if there is none. */
  readonly failingSince: number;
  /** Redeliveries whose process died while they were in a slot. */
  readonly lost: number;
}

export const NO_ATTEMPTS: DeliveryAttempts = { failed: 0, failingSince: 0, lost: 0 };

/**
 * Attempts at messages, by consumer and position in the stream. The broker's own count includes messages that a
 * stopping process returned, and restarts must not use up a message's attempts. Only redelivered messages are looked
 * up, and only failures are stored, for a day.
 */
export class AttemptsLog {
  #opening: Promise<KV> | undefined;

  constructor(private readonly stream: EventStream) {}

  async of(key: string): Promise<DeliveryAttempts> {
    const entry = await (await this.#bucket()).get(key);
    return entry?.operation === "PUT" ? { ...NO_ATTEMPTS, ...entry.json<Partial<DeliveryAttempts>>() } : NO_ATTEMPTS;
  }

  async keep(key: string, attempts: DeliveryAttempts): Promise<void> {
    await (await this.#bucket()).put(key, JSON.stringify(attempts));
  }

  #bucket(): Promise<KV> {
    const { connection, replicas } = this.stream;
    this.#opening ??= new Kvm(connection).create(BUCKET, { ttl: KEPT_MS, history: 1, replicas });
    this.#opening.catch(() => {
      this.#opening = undefined; // The next call retries.
    });
    return this.#opening;
  }
}
