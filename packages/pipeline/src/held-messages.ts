import type { JsMsg } from "@nats-io/jetstream";

/** One who waits for room. */
interface Waiting {
  readonly count: number;
  readonly end: () => void;
}

/** Messages this process has taken and not answered yet: kept alive by heartbeats, and counted so that it takes no more. */
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

  add(message: JsMsg): void {
    this.#held.add(message);
  }

  remove(message: JsMsg): void {
    this.#held.delete(message);
    for (const { count, end } of [...this.#waiting]) if (this.room >= count) end();
  }

  /** Resolves when there is room for so many, at the next `wake`, or after `withinMs`. */
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

  /** Lets those who wait look again. */
  wake(): void {
    for (const { end } of [...this.#waiting]) end();
  }

  close(): void {
    clearInterval(this.#timer);
    this.wake();
  }
}
