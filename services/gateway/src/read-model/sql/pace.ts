/** Minimum size: below it the overhead of a transaction dominates. */
const LEAST = 200;

/** Splits work into pieces of limited duration while others wait, learning from previous pieces. */
export class Pace {
  #size = LEAST;

  constructor(
    private readonly wishedMs: number,
    private readonly isAwaited: () => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Processes items piece by piece, until a piece returns that it is enough. */
  async each<T>(items: readonly T[], work: (piece: readonly T[]) => Promise<boolean>): Promise<void> {
    for (let at = 0; at < items.length; ) {
      const piece = items.slice(at, this.isAwaited() ? at + this.#size : undefined);
      const began = this.now();
      if (!(await work(piece))) return;
      this.#learn(piece.length, this.now() - began);
      at += piece.length;
    }
  }

  #learn(count: number, tookMs: number): void {
    if (count < LEAST) return; // Mostly overhead.
    const fitting = Math.floor((count * this.wishedMs) / Math.max(tookMs, 1));
    this.#size = Math.max(LEAST, Math.min(fitting, count * 2));
  }
}
