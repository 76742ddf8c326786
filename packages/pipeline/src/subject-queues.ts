import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsMsg } from "@nats-io/jetstream";
import { type Running, toPolyreelError } from "@polyreel/platform";
import { delayAfter, spread } from "@polyreel/platform/flow";
import type { Log } from "@polyreel/platform/runtime";
import { type EventStream, messagesBySubject, payloadAt } from "@polyreel/platform/stream";
import { FairSlots } from "./fair-slots.js";
import { Pump } from "./pump.js";
import { removeConsumer } from "./remove-consumer.js";

/** A message of a queue. */
export interface QueuedMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Including this one. */
  readonly deliveries: number;
}

export interface SubjectQueuesOptions {
  /** The stream, which keeps messages until they are acknowledged. */
  readonly name: string;
  /** Prefix of its consumers' names. */
  readonly consumer: string;
  /** Messages of one subject that this process holds. */
  readonly held: number;
  /** Handlers at work, of all subjects together. */
  readonly slots: number;
  /** Resolves when one more message of the subject may be handled, with a function to call when it was. */
  readonly seat: (subject: string, signal: AbortSignal) => Promise<() => void>;
  /**
   * Handles a message; must be idempotent. A message is acknowledged when this resolves, and is delivered again when it
   * throws.
   */
  readonly handle: (message: QueuedMessage, signal: AbortSignal) => Promise<void>;
}

const LOOK_MS = 500;
/** Beyond it, subjects without messages make room. */
const MAX_PUMPS = 100;
const BACK_OFF = { firstMs: 500, longestMs: 30_000 };
const HAND_OVER_MS = 1_000;

/**
 * Handles the messages of a stream with a consumer for each subject, so that a subject with thousands of messages does not
 * delay another with one: they take turns.
 */
export class SubjectQueues implements Running {
  readonly #pumps = new Map<string, Pump>();
  readonly #slots: FairSlots;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;

  constructor(
    private readonly stream: EventStream,
    private readonly options: SubjectQueuesOptions,
    private readonly log: Log,
  ) {
    this.#slots = new FairSlots(options.slots);
    setMaxListeners(0, this.#stop.signal); // One for each message that waits.
    this.#following = this.#follow();
  }

  async close(): Promise<void> {
    const pumps = [...this.#pumps.values()];
    await Promise.all(pumps.map((pump) => pump.stop()));
    this.#stop.abort(new DOMException("The service is ending.", "AbortError"));
    await Promise.all([this.#following, ...pumps.map((pump) => pump.close())]);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (this.stream.broker.there) await this.#openPumps();
      } catch (error) {
        if (!signal.aborted)
          this.log.warn({ err: error, stream: this.options.name }, "could not list subjects; retrying");
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #openPumps(): Promise<void> {
    const waiting = await messagesBySubject(this.stream, this.options.name);
    for (const subject of waiting.keys()) {
      if (this.#stop.signal.aborted) return;
      if (this.#pumps.has(subject)) continue;
      if (this.#pumps.size >= MAX_PUMPS && !(await this.#closeIdle(waiting))) return;
      const consumer = {
        stream: this.options.name,
        durable: this.#consumerOf(subject),
        subject,
        description: `Messages on ${subject}`,
      };
      const take = (message: JsMsg) => this.#answer(message);
      this.#pumps.set(subject, new Pump(this.stream, consumer, this.options.held, take, this.log));
    }
  }

  /** Whether one without messages was closed. */
  async #closeIdle(waiting: ReadonlyMap<string, number>): Promise<boolean> {
    const idle = [...this.#pumps].find(([subject]) => !waiting.has(subject));
    if (!idle) return false;
    const [subject, pump] = idle;
    this.#pumps.delete(subject);
    await pump.close();
    await removeConsumer(this.stream, this.#consumerOf(subject), this.#stop.signal, this.options.name);
    return true;
  }

  /** A name of letters and digits, whatever the subject has. */
  #consumerOf(subject: string): string {
    return `${this.options.consumer}-${Buffer.from(subject).toString("base64url")}`;
  }

  async #answer(message: JsMsg): Promise<void> {
    const { signal } = this.#stop;
    const { subject, info } = message;
    let leave = () => {};
    try {
      leave = await this.options.seat(subject, signal);
      const release = await this.#slots.acquire(subject, signal);
      try {
        // nats-server 2.9.10 may redeliver a message with the payload of another one.
        const payload = message.redelivered
          ? await payloadAt(this.stream, this.options.name, message.seq)
          : message.data;
        if (payload) await this.options.handle({ subject, payload, deliveries: info.deliveryCount }, signal);
      } finally {
        release();
      }
      message.ack();
    } catch (error) {
      if (signal.aborted) return message.nak(HAND_OVER_MS);
      const delayMs = Math.round(spread(delayAfter(info.deliveryCount, BACK_OFF), Math.random(), 1.5));
      this.log.warn({ err: toPolyreelError(error), subject, delayMs }, "a queued message failed; retrying");
      message.nak(delayMs);
    } finally {
      leave();
    }
  }
}
