interface Line {
  readonly weight: number;
  readonly waiting: (() => void)[];
  /** Turns it has had, each counted as 1 / weight: who has the least is next. */
  turns: number;
}

/**
 * A bounded number of slots that keys (batches) take in turns: of those who wait, the key that had the fewest turns for
 * its weight is next, so that a batch of thousands does not keep a batch of ten waiting. Who comes new has had as many as
 * the one served last: waiting in vain earns nothing, and none waits for ever. (Stride scheduling.)
 */
export class FairSlots {
  /** Of the keys that wait, in the order in which they came or were served. */
  readonly #lines = new Map<string, Line>();
  #free: number;
  /** Of the key that was served last. */
  #turns = 0;

  constructor(slots: number) {
    this.#free = slots;
  }

  /**
   * Resolves when a slot is taken, with what gives it back (once; again does nothing). Rejects when the signal aborts. A
   * key of twice the `weight` gets twice the turns.
   */
  async acquire(key: string, signal: AbortSignal, weight = 1): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(key, signal, weight);
    let given = false;
    return () => {
      if (given) return;
      given = true;
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
    this.#lines.delete(key); // and behind those with as many turns, if more of it wait
    if (line.waiting.length > 0) this.#lines.set(key, line);
    take?.();
  }

  #next(): [string, Line] | undefined {
    let next: [string, Line] | undefined;
    for (const entry of this.#lines) if (!next || entry[1].turns < next[1].turns) next = entry;
    return next;
  }
}
