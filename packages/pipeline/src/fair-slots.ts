interface Line {
  readonly weight: number;
  readonly waiting: (() => void)[];
  /** Its virtual time: turns so far, each counted as 1 / weight. The key with the lowest is next. */
  turns: number;
}

/**
 * A bounded number of slots shared fairly between keys (batches): of the waiting keys, the one with the fewest turns
 * for its weight is next, so that a batch of thousands does not block a batch of ten. A new key starts at the
 * last-served key's virtual time: it gets no credit for earlier absence, and no key starves. (Stride scheduling.)
 */
export class FairSlots {
  /** One for each waiting key, in the order in which they arrived or were last served. */
  readonly #lines = new Map<string, Line>();
  #free: number;
  /** Virtual time of the key served last. */
  #turns = 0;

  constructor(slots: number) {
    this.#free = slots;
  }

  get free(): number {
    return this.#free;
  }

  /**
   * Resolves when a slot is taken, with an idempotent function that releases it. Rejects when the signal aborts. A key
   * of twice the `weight` gets twice the turns.
   */
  async acquire(key: string, signal: AbortSignal, weight = 1): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(key, signal, weight);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#pass();
    };
  }

  #turn(key: string, signal: AbortSignal, weight: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(key) ?? { weight, waiting: [], turns: this.#turns + 1 / weight };
      this.#lines.set(key, line);
      const take = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        line.waiting.splice(line.waiting.indexOf(take), 1);
        if (line.waiting.length === 0 && this.#lines.get(key) === line) this.#lines.delete(key);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      line.waiting.push(take);
    });
  }

  #pass(): void {
    const next = this.#next();
    if (!next) {
      this.#free++;
      return;
    }
    const [key, line] = next;
    this.#turns = line.turns;
    line.turns += 1 / line.weight;
    const take = line.waiting.shift();
    this.#lines.delete(key); // Added again behind keys with as many turns, if more of it wait.
    if (line.waiting.length > 0) this.#lines.set(key, line);
    take?.();
  }

  #next(): [string, Line] | undefined {
    let next: [string, Line] | undefined;
    for (const entry of this.#lines) if (!next || entry[1].turns < next[1].turns) next = entry;
    return next;
  }
}
