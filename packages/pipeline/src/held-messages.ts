import type { JsMsg } from "@nats-io/jetstream";

/** A call of `roomFor` that waits. */
interface Waiting {
  readonly count: number;
  readonly end: () => void;
}

/** Messages that this process has pulled and not answered yet: kept alive by heartbeats, and limited in number. */
export class HeldMessages {
  readonly #held = new Set<JsMsg>();
  readonly #waiting = new Set<Waiting>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly limit: number,
    beatMs: number,
  ) {
    this.#timer = setInterval(() => {
      for (const message of this.#held) message.working();
    }, beatMs);
    this.#timer.unref();
  }

  get room(): number {
    return this.limit - this.#held.size;
  }

  get size(): number {
    return this.#held.size;
  }

  /** When the oldest one was published, in milliseconds since 1970; undefined if there is none. */
  get oldestMs(): number | undefined {
    let oldest: number | undefined;
    for (const { info } of this.#held) oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, info.timestampNanos / 1e6);
    return oldest;
  }

  add(message: JsMsg): void {
    this.#held.add(message);
  }

  remove(message: JsMsg): void {
    this.#held.delete(message);
    for (const { count, end } of [...this.#waiting]) if (this.room >= count) end();
  }

  /** Resolves when there is room for `count` more, at the next `wake`, or after `withinMs`. */
  roomFor(count: number, withinMs?: number): Promise<void> {
    if (this.room >= count) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve();
      };
      const waiting = { count, end };
      const timer = withinMs === undefined ? undefined : setTimeout(end, withinMs);
      this.#waiting.add(waiting);
    });
  }

  /** Resolves all waiting calls of `roomFor`. */
  wake(): void {
    for (const { end } of [...this.#waiting]) end();
  }

  close(): void {
    clearInterval(this.#timer);
    this.wake();
  }
}
