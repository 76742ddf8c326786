/** Maximum number of consecutive urgent turns while others wait. */
const URGENT_IN_A_ROW = 8;

/** A mutex with priorities: urgent requests first, without starvation, otherwise in order. */
export class Turns {
  readonly #urgent: (() => void)[] = [];
  readonly #others: (() => void)[] = [];
  #taken = false;
  #inARow = 0;
  #lastUrgent = Number.NEGATIVE_INFINITY;

  /** Whether there was an urgent request in the last milliseconds. */
  wasUrgent(withinMs: number): boolean {
    return this.#urgent.length > 0 || performance.now() - this.#lastUrgent < withinMs;
  }

  /** Resolves with a function that ends the turn. */
  async take({ urgent }: { urgent: boolean }): Promise<() => void> {
    if (this.#taken) await new Promise<void>((resolve) => (urgent ? this.#urgent : this.#others).push(resolve));
    this.#taken = true;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (urgent) this.#lastUrgent = performance.now();
      this.#next();
    };
  }

  #next(): void {
    const isEnough = this.#inARow >= URGENT_IN_A_ROW && this.#others.length > 0;
    const isUrgent = this.#urgent.length > 0 && !isEnough;
    this.#inARow = isUrgent && this.#others.length > 0 ? this.#inARow + 1 : 0;
    const next = isUrgent ? this.#urgent.shift() : this.#others.shift();
    this.#taken = next !== undefined;
    next?.();
  }
}
