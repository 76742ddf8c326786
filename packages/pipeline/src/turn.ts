/** How it is kept that a message was at work when its process died. */
export interface Losses {
  /** Counts it as lost, from now on. */
  begin(): Promise<void>;
  /** Takes that back. */
  end(): Promise<void>;
}

/**
 * A message's turn at work: it holds a slot, but for the times it waits outside. Only in a slot can its work be what the process
 * dies of, so it counts as lost there alone: what waited for something each time that a process ended is not given up for it.
 */
export class Turn {
  #release: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  /** `losses`: undefined for a message that comes for the first time, of which nothing is kept. */
  constructor(
    private readonly acquire: () => Promise<() => void>,
    private readonly losses: Losses | undefined,
  ) {}

  async begin(): Promise<void> {
    const release = await this.acquire();
    try {
      await this.losses?.begin();
    } catch (error) {
      release();
      throw error;
    }
    this.#release = release;
    this.#ending = undefined;
  }

  /** Gives the slot back; again does nothing. Where that cannot be kept, it counts as lost once more than it was. */
  end(): Promise<void> {
    this.#release?.();
    this.#release = undefined;
    this.#ending ??= this.losses?.end().catch(() => {}) ?? Promise.resolve();
    return this.#ending;
  }

  /** Waits without a slot, and takes one again. */
  async outside<T>(wait: () => Promise<T>): Promise<T> {
    await this.end();
    const value = await wait();
    await this.begin();
    return value;
  }
}
