/** Records that a message is in progress, in case its process dies. */
export interface Losses {
  /** Counts it as lost from now on. */
  begin(): Promise<void>;
  /** Reverts that. */
  end(): Promise<void>;
}

/**
 * A message's turn: it holds a slot, except while it waits outside. Only work in a slot can kill the process, so the
 * message counts as lost only there: one that was waiting whenever its process ended is not given up.
 */
export class Turn {
  #release: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  /** `losses`: undefined for the first delivery of a message, which is not recorded. */
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

  /** Releases the slot; idempotent. If that cannot be recorded, the message counts as lost once too often. */
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
