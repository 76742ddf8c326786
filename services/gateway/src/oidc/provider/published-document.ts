/** A document that is older is fetched again before it is used. */
const FRESH_MS = 10 * 60_000;
/** It is used as it is where its provider does not answer; up to this age. */
const USABLE_MS = 24 * 3600_000;
/** It is fetched at most this often, for whatever reason: random key ids in tokens must not become requests. */
const COOLDOWN_MS = 5_000;

/** A document that a provider publishes: fetched when it is first needed, kept, and refreshed. */
export class PublishedDocument<T> {
  #kept: { readonly document: T; readonly fetchedAt: number } | undefined;
  #failure: unknown;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;

  constructor(
    private readonly fetch: () => Promise<T>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Throws what `fetch` threw last if there is none that can be used. */
  async current(): Promise<T> {
    if (this.#age() >= FRESH_MS) await this.#refresh();
    if (this.#kept && this.#age() < USABLE_MS) return this.#kept.document;
    throw this.#failure;
  }

  /** One that may be newer than what `current` returned. Throws if the last attempt to fetch it failed. */
  async newer(): Promise<T> {
    await this.#refresh();
    if (this.#failure !== undefined) throw this.#failure;
    return this.current();
  }

  #age = (): number => this.now() - (this.#kept?.fetchedAt ?? Number.NEGATIVE_INFINITY);

  async #refresh(): Promise<void> {
    if (this.#fetching === undefined && this.now() - this.#triedAt < COOLDOWN_MS) return;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  async #fetch(): Promise<void> {
    this.#triedAt = this.now();
    try {
      this.#kept = { document: await this.fetch(), fetchedAt: this.now() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }
}
