/**
 * Shares a machine's time among the makings that run at the same time: while n of them run on k cores, each takes min(n, k) / n
 * core seconds a second. So what many take together, some waiting for others, adds up to what the machine had.
 */
export class WorkMeter {
  /** Core seconds that whoever had run from the beginning would have taken. */
  #perMaking = 0;
  #running = 0;
  #lookedAt = 0;

  /** `now`: in milliseconds, of time or, with one core, of the CPU that is shared. */
  constructor(
    private readonly cores: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Does it; tells how many core seconds it took. */
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
