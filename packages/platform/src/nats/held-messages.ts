import type { JsMsg } from "@nats-io/jetstream";

/** Messages this process has taken and not answered yet: kept alive by heartbeats, and counted so that it takes no more. */
export class HeldMessages {
  readonly #held = new Set<JsMsg>();
  readonly #limit: number;
  readonly #timer: NodeJS.Timeout;
  #changed = Promise.resolve();
  #notify: () => void = () => {};

  constructor(limit: number, beatMs: number) {
    this.#limit = limit;
    this.#timer = setInterval(() => {
      for (const message of this.#held) message.working();
    }, beatMs);
    this.#timer.unref();
    this.#renew();
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
    this.wake();
  }

  /** Lets those who wait for a change look again. */
  wake(): void {
    this.#notify();
    this.#renew();
  }

  /** Resolves when one is removed, or at the next `wake`. */
  get changed(): Promise<void> {
    return this.#changed;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#notify();
  }

  #renew(): void {
    this.#changed = new Promise((resolve) => {
      this.#notify = resolve;
    });
  }
}
