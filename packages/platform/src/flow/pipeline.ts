/**
 * Limits the number of promises in progress. `add` waits while it is full; the first failure is thrown by the next
 * `add`, or by `end`.
 */
export class Pipeline {
  readonly #underWay = new Set<Promise<unknown>>();
  #failure: { error: unknown } | undefined;
  #notify: () => void = () => {};

  constructor(private readonly limit = 1000) {}

  async add(work: Promise<unknown>): Promise<void> {
    const tracked = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#underWay.delete(tracked);
        this.#notify();
      });
    this.#underWay.add(tracked);
    if (this.#underWay.size >= this.limit) await this.#oneEnds();
    this.#throwFailure();
  }

  /** Resolves when all have ended. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  /** Not Promise.race: each call would leave a reaction on every pending promise. */
  #oneEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#notify = resolve;
    });
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
