import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, type Consumer, type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { nanos, type Subscription } from "@nats-io/transport-node";
import { STREAM } from "@polyreel/contract";
import type { Log } from "@polyreel/platform/runtime";
import { about, type EventStream, refusedRightIn, requestOnce } from "@polyreel/platform/stream";
import { HeldMessages } from "./held-messages.js";

const PULL_MS = 10_000;
const PAUSE_AFTER_ERROR_MS = 500;
/** How long to wait for more room before a pull: a pull for each message costs more than the message. */
const GATHER_MS = 20;

/** A durable consumer: shared by all processes of a stage, with one filter subject. */
export interface DurableConsumer {
  /** The stream of facts, unless given. */
  readonly stream?: string;
  readonly durable: string;
  readonly subject: string;
  /** For operators: what it is for, and details such as its stage and batch. */
  readonly description: string;
  readonly details?: Readonly<Record<string, string>>;
  /** Position of the first message in the stream; all messages if omitted or 0. */
  readonly from?: number;
}

/**
 * Pulls a durable consumer's messages and passes each to `take`, which answers it (ack, nak, term) and resolves. Holds
 * at most `held` at a time, and keeps those alive.
 */
export class Pump {
  readonly #stop = new AbortController();
  readonly #held: HeldMessages;
  readonly #running: Promise<void>;

  constructor(
    private readonly stream: EventStream,
    private readonly consumer: DurableConsumer,
    held: number,
    private readonly take: (message: JsMsg) => Promise<void>,
    private readonly log: Log,
  ) {
    this.#held = new HeldMessages(held, stream.beatMs);
    this.#running = this.#run();
  }

  /**
   * Pulls no more messages; resolves when the server has ended the pull. Held messages may be returned only then:
   * earlier, they would be delivered to this pump again.
   */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#held.wake();
    await this.#running;
    await this.stream.broker.attempt(() => this.stream.connection.flush());
  }

  /** Stops, and resolves when the held messages are answered. */
  async close(): Promise<void> {
    await this.stop();
    while (this.#held.size > 0) await this.#held.roomFor(this.#held.limit);
    this.#held.close();
  }

  /** Whether every message published so far has been answered. */
  async idle(): Promise<boolean> {
    const { stream = STREAM, durable } = this.consumer;
    const info = await this.stream.manager.consumers.info(stream, durable);
    return info.num_pending === 0 && info.num_ack_pending === 0 && this.#held.size === 0;
  }

  /** When the oldest message that this process holds was published, in milliseconds since 1970. */
  get oldestMs(): number | undefined {
    return this.#held.oldestMs;
  }

  /** Messages that no process has pulled yet. Fails at once without NATS: a request would take seconds. */
  async waiting(): Promise<number> {
    if (!this.stream.broker.there) throw new Error("NATS cannot be reached");
    const { stream = STREAM, durable } = this.consumer;
    return (await this.stream.manager.consumers.info(stream, durable)).num_pending;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let consumer: Consumer | undefined;
    while (!signal.aborted) {
      try {
        consumer ??= await this.#open();
        await this.#held.roomFor(Math.ceil(this.#held.limit / 2), GATHER_MS);
        if (this.#held.room <= 0) await this.#held.roomFor(1);
        else if (!signal.aborted) await this.#pull(consumer, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.warn({ err: error, consumer: this.consumer.durable }, "could not pull messages; retrying");
        consumer = undefined;
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #takeAndRelease(message: JsMsg): Promise<void> {
    try {
      await this.take(message);
    } catch (error) {
      // It is redelivered after the ack wait.
      this.log.error({ err: error, consumer: this.consumer.durable }, "a message was not answered");
    } finally {
      this.#held.remove(message);
    }
  }

  async #open(): Promise<Consumer> {
    const { stream = STREAM, durable, subject, from = 0, description, details } = this.consumer;
    const shown = about(this.stream.connection, description, details);
    const config = {
      ...shown,
      durable_name: durable,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(this.stream.ackWaitMs),
      ...(from > 0
        ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from }
        : { deliver_policy: DeliverPolicy.All }),
      max_ack_pending: 20_000,
    };
    const { consumers } = this.stream.manager;
    // It may exist with another ack wait, or of another release: newer servers then refuse to create it.
    const { connection, client } = this.stream;
    return requestOnce(connection, async () => {
      await consumers.add(stream, config).catch((error: unknown) => {
        if (refusedRightIn(error)) throw error;
        return consumers.update(stream, durable, { ...shown, ack_wait: config.ack_wait });
      });
      return client.consumers.get(stream, durable);
    });
  }

  async #pull(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const messages = await consumer.fetch({ max_messages: this.#held.room, expires: PULL_MS });
    const stop = () => void drained(messages);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      for await (const message of messages) {
        this.#held.add(message);
        void this.#takeAndRelease(message);
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}

/**
 * Ends a pull without losing messages that the server has sent already: a dropped one would be redelivered only after
 * its ack wait. `stop` alone unsubscribes at once; draining the subscription receives all that was sent before the
 * server handled the unsubscription.
 */
async function drained(messages: ConsumerMessages): Promise<void> {
  const { sub } = messages as ConsumerMessages & { sub?: Subscription };
  await sub?.drain().catch(() => {}); // A closed connection delivers nothing more.
  messages.stop();
}
