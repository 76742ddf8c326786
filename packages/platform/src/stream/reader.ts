import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer } from "@nats-io/jetstream";
import { STREAM } from "@polyreel/contract";
import { requestOnce } from "./request-once.js";
import type { EventStream } from "./stream.js";

/** Interval of checks while nothing arrives; shorter if something should. */
const IDLE_MS = 5_000;
const BEHIND_MS = 1_000;
/** Messages may be in transit. */
const ON_ITS_WAY_MS = 250;

/**
 * Progress of a reader of the stream, checked against the stream itself. A consumer reports how many messages follow,
 * but those may be removed before they arrive. A purge makes nats-server 2.9 skip everything that follows, for
 * consumers whose subjects include the purged ones. And the client was observed to wait forever after a change of a
 * cluster's leader.
 */
export class Reader {
  /** Position of the first message, and the number that followed the last one: undefined if unknown. */
  #first: number | undefined;
  #pending: number | undefined;
  /** Infinite while nothing is awaited. */
  #waitingSince = Date.now();
  #isBehind = false;
  #isAtEnd = false;

  constructor(
    private readonly stream: Pick<EventStream, "connection" | "manager">,
    private readonly subject: string,
    private sequence: number,
  ) {}

  /** Whether there is something to read. */
  async isBehind(): Promise<boolean> {
    this.#first = await this.#next();
    this.#isBehind = this.#first !== undefined;
    return this.#isBehind;
  }

  /** It stopped because the following messages were removed. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** A notification that nothing follows the last message. */
  get end(): { name: undefined; sequence: number; pending: number } {
    return { name: undefined, sequence: this.sequence, pending: 0 };
  }

  /**
   * Records an arrived message; returns whether messages between it and the last one were skipped, in which case it is
   * not recorded.
   */
  async wasPassedOver(sequence: number, pending: number): Promise<boolean> {
    this.#waitingSince = Number.POSITIVE_INFINITY;
    const isAsExpected = this.#pending === undefined ? sequence === this.#first : pending >= this.#pending - 1;
    if (!isAsExpected && ((await this.#next()) ?? sequence) < sequence) return true;
    this.sequence = sequence;
    this.#pending = pending;
    this.#isBehind = pending > 0;
    return false;
  }

  /** The last message was processed: the next one is awaited. */
  waits(): void {
    this.#waitingSince = Date.now();
  }

  /**
   * Calls `stop` once the consumer is gone, does not deliver existing messages, or nothing is left of what it
   * announced.
   */
  lookAfter(consumer: Consumer, stop: () => void): () => void {
    const look = async () => {
      const since = this.#waitingSince;
      if (Date.now() - since < (this.#isBehind ? BEHIND_MS : IDLE_MS)) return;
      const isGone = () =>
        consumer.info().then(
          () => false,
          () => true,
        );
      const hasMore = await this.#next().then(
        (next) => next !== undefined,
        () => true,
      );
      if (hasMore) await sleep(ON_ITS_WAY_MS);
      const mustStop = hasMore || this.#isBehind || (await isGone());
      if (!mustStop || this.#waitingSince !== since) return; // A message that arrived meanwhile shows that it is alive.
      this.#isAtEnd = !hasMore;
      stop();
    };
    const timer = setInterval(() => void look(), BEHIND_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Position of the next message in the stream. */
  async #next(): Promise<number | undefined> {
    const query = { seq: this.sequence + 1, next_by_subj: this.subject };
    return (await requestOnce(this.stream.connection, () => this.stream.manager.streams.getMessage(STREAM, query)))
      ?.seq;
  }
}
