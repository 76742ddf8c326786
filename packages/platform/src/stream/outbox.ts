/**
 * What is to be sent, gathered for one turn of the event loop and sent together: one write for many messages. The client
 * writes in each microtask that something is sent in, and messages that are worked side by side end in one each, so that a
 * write was made for every acknowledgement and every fact: more than all other work on them.
 */
export class Outbox {
  #waiting: (() => void)[] = [];

  /** Calls `send` soon, after what was given before it. What it throws is lost: a closed connection sends nothing. */
  add(send: () => void): void {
    if (this.#waiting.push(send) === 1) setImmediate(() => this.flush());
  }

  /** Sends what waits, now. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) {
      try {
        send();
      } catch {
        // Facts are awaited and tell it to who said them; messages that are not acknowledged come again.
      }
    }
  }
}
