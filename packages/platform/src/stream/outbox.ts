/**
 * Collects messages for one turn of the event loop and sends them together: one write for many messages. The client
 * writes in each microtask that sends something, and concurrently processed messages end in separate ones, so that
 * there was a write per acknowledgement and per fact, which cost more than all other work on them.
 */
export class Outbox {
  #waiting: (() => void)[] = [];

  /** Calls `send` soon, in order. Its error is ignored: a closed connection sends nothing. */
  add(send: () => void): void {
    if (this.#waiting.push(send) === 1) setImmediate(() => this.flush());
  }

  /** Sends pending messages now. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) {
      try {
        send();
      } catch {
        // Publishers await the outcome of their facts; unacknowledged messages are redelivered.
      }
    }
  }
}
