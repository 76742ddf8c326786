/** Nothing smaller: what each transaction costs besides would outweigh what it takes in. */
const LEAST = 200;

/** Divides work while others wait, so that no piece takes longer than wished for. It learns from those before. */
export class Pace {
  #size = LEAST;

  constructor(
    private readonly wishedMs: number,
    private readonly isAwaited: () => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Does the work piece by piece, until one says that it is enough. */
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
    if (count < LEAST) return; // mostly what any piece costs
    const fitting = Math.floor((count * this.wishedMs) / Math.max(tookMs, 1));
    this.#size = Math.max(LEAST, Math.min(fitting, count * 2));
  }
}
