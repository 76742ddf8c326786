import { type KV, Kvm } from "@nats-io/kv";
import { ATTEMPTS_BUCKET } from "@polyreel/contract";
import { type EventStream, requestOnce } from "@polyreel/platform/stream";

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
 * Attempts at a stage's messages, by consumer and position in the stream. The broker's own count includes messages that a
 * stopping process returned, and restarts must not use up a message's attempts. Only redelivered messages are looked
 * up, and only failures are stored, for a day.
 */
export class AttemptsLog {
  #opening: Promise<KV> | undefined;

  /** `stage`: first token of its keys, to which the server can limit a service's rights. */
  constructor(
    private readonly stream: EventStream,
    private readonly stage: string,
  ) {}

  async of(key: string): Promise<DeliveryAttempts> {
    const bucket = await this.#bucket();
    const entry = await requestOnce(this.stream.connection, () => bucket.get(`${this.stage}.${key}`));
    return entry?.operation === "PUT" ? { ...NO_ATTEMPTS, ...entry.json<Partial<DeliveryAttempts>>() } : NO_ATTEMPTS;
  }

  async keep(key: string, attempts: DeliveryAttempts): Promise<void> {
    const bucket = await this.#bucket();
    await requestOnce(this.stream.connection, () => bucket.put(`${this.stage}.${key}`, JSON.stringify(attempts)));
  }

  #bucket(): Promise<KV> {
    this.#opening ??= new Kvm(this.stream.connection).open(ATTEMPTS_BUCKET);
    this.#opening.catch(() => {
      this.#opening = undefined; // The next call retries.
    });
    return this.#opening;
  }
}
