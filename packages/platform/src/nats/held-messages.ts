import type { JsMsg } from "@nats-io/jetstream";

/** Messages this process has taken and not answered yet: kept alive by heartbeats, and counted so that it takes no more. */
export class HeldMessages {
  readonly #held = new Set<JsMsg>();
  readonly #limit: number;
  readonly #timer: NodeJS.Timeout;
  /** Those who wait for room: looked at when a message is removed, ended when they are woken. */
  readonly #waiting = new Set<() => void>();
  readonly #woken = new Set<() => void>();

  constructor(limit: number, beatMs: number) {
    this.#limit = limit;
    this.#timer = setInterval(() => {
      for (const message of this.#held) message.working();
    }, beatMs);
    this.#timer.unref();
  }

  get room(): number {
    return this.#limit - this.#held.size;
  }

  get size(): number {
    return this.#held.size;
  }

  add(message: JsMsg): void {
    this.#held.add(message);
  }

  remove(message: JsMsg): void {
    this.#held.delete(message);
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves when there is room for so many, at the next `wake`, or after `withinMs`. */
  roomFor(count: number, withinMs?: number): Promise<void> {
    if (this.room >= count) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        this.#woken.delete(end);
        resolve();
      };
      const look = () => {
        if (this.room >= count) end();
      };
      const timer = withinMs === undefined ? undefined : setTimeout(end, withinMs);
      this.#waiting.add(look);
      this.#woken.add(end);
    });
  }

  /** Lets those who wait look again. */
  wake(): void {
    for (const end of [...this.#woken]) end();
  }

  close(): void {
    clearInterval(this.#timer);
    this.wake();
  }
}
