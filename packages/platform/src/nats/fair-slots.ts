/**
 * A bounded number of slots that keys (batches) take in turns: of those who wait, the key that was served longest ago is
 * next, so that a batch of thousands does not keep a batch of ten waiting.
 */
export class FairSlots {
  readonly #waiting = new Map<string, (() => void)[]>();
  #free: number;

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Resolves when a slot is taken, with what gives it back (once; again does nothing). Rejects when the signal aborts. */
  async acquire(key: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(key, signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#pass();
    };
  }

  #turn(key: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, queue);
      const take = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        queue.splice(queue.indexOf(take), 1);
        if (queue.length === 0 && this.#waiting.get(key) === queue) this.#waiting.delete(key);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      queue.push(take);
    });
  }

  #pass(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free++;
      return;
    }
    const [key, queue] = next;
    const take = queue.shift();
    this.#waiting.delete(key); // and back to the end of the line, if more of it wait
    if (queue.length > 0) this.#waiting.set(key, queue);
    take?.();
  }
}
