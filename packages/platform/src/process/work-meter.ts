/**
 * Shares a machine's time among concurrent work: while n jobs run on k cores, each takes min(n, k) / n core seconds per
 * second. So the sum of all, some waiting for others, equals the time that the machine had.
 */
export class WorkMeter {
  /** Core seconds of a job that runs from the beginning. */
  #perMaking = 0;
  #running = 0;
  #lookedAt = 0;

  /** `now`: in milliseconds, of time or, with one core, of the shared CPU. */
  constructor(
    private readonly cores: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Runs work and returns its core seconds. */
  async measure<T>(making: () => Promise<T>): Promise<{ made: T; coreSeconds: number }> {
    this.#advance();
    const before = this.#perMaking;
    this.#running++;
    try {
      const made = await making();
      this.#advance();
      return { made, coreSeconds: this.#perMaking - before };
    } finally {
      this.#advance();
      this.#running--;
    }
  }

  #advance(): void {
    const now = this.now();
    const seconds = (now - this.#lookedAt) / 1000;
    if (this.#running > 0) this.#perMaking += (seconds * Math.min(this.#running, this.cores)) / this.#running;
    this.#lookedAt = now;
  }
}
