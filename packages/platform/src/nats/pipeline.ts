/**
 * Keeps a bounded number of promises under way. `add` waits while it is full; the first failure is thrown by the next
 * `add`, or by `end`.
 */
export class Pipeline {
  readonly #underWay = new Set<Promise<unknown>>();
  #failure: { error: unknown } | undefined;

  constructor(private readonly limit = 1000) {}

  async add(work: Promise<unknown>): Promise<void> {
    const tracked = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    if (this.#underWay.size >= this.limit) await Promise.race(this.#underWay);
    this.#throwFailure();
  }

  /** Resolves when all have ended. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
