/**
 * Passes items from two kinds of senders to one slow reader: `put` waits while the mailbox is full, so that nothing is
 * lost and the sender slows down; of the items `offer`ed under one key the reader gets only the newest, and under
 * pressure the oldest keys are dropped.
 */
export class Mailbox<T> {
  readonly #kept: T[] = [];
  readonly #newest = new Map<string, T>();
  #readerWaits: (() => void) | undefined;
  #senderWaits: (() => void) | undefined;
  #ended: { error?: unknown } | undefined;

  constructor(private readonly limits: { kept: number; offered: number }) {}

  async put(item: T): Promise<void> {
    this.#kept.push(item);
    this.#wakeReader();
    while (this.#kept.length >= this.limits.kept && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#senderWaits = resolve;
      });
    }
  }

  offer(key: string, item: T): void {
    this.#newest.delete(key);
    this.#newest.set(key, item);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > this.limits.offered && oldest !== undefined) this.#newest.delete(oldest);
    this.#wakeReader();
  }

  /** Ends it for both sides: at once with an error, otherwise after what was put. */
  end(error?: unknown): void {
    this.#ended ??= error === undefined ? {} : { error };
    this.#senderWaits?.();
    this.#wakeReader();
  }

  /** Items that were put, in order, with offered ones in between. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      if (this.#ended && "error" in this.#ended) throw this.#ended.error;
      const kept = this.#kept.shift();
      if (kept !== undefined) {
        this.#senderWaits?.();
        yield kept;
        continue;
      }
      if (this.#ended) return;
      const [first] = this.#newest;
      if (first) {
        this.#newest.delete(first[0]);
        yield first[1];
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#readerWaits = resolve;
      });
    }
  }

  #wakeReader(): void {
    this.#readerWaits?.();
    this.#readerWaits = undefined;
  }
}
