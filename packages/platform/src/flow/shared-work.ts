/** Receives a progress, 0 to 1. */
export type OnProgress = (fraction: number) => void;

interface UnderWay<T> {
  readonly promise: Promise<T>;
  readonly stop: AbortController;
  /** As last reported. */
  fraction: number | undefined;
}

/** One who wants something. */
interface Wish {
  readonly onProgress: OnProgress | undefined;
}

/**
 * Work that several want at the same time, done once. It is stopped only when nobody wants it any more: one that aborts
 * does not stop it for the others, nor for registered wishes.
 */
export class SharedWork<T> {
  readonly #underWay = new Map<string, UnderWay<T>>();
  readonly #wishes = new Map<string, Set<Wish>>();

  /**
   * Registers a wish for work, in progress or not, until it is disposed of; reports progress. When the last wish is
   * disposed of, the work is stopped; disposal resolves when it has ended.
   */
  want(key: string, onProgress?: OnProgress): AsyncDisposable {
    const wishes = this.#wishes.get(key) ?? new Set();
    const wish = { onProgress };
    this.#wishes.set(key, wishes.add(wish));
    const { fraction } = this.#underWay.get(key) ?? {};
    if (fraction !== undefined) onProgress?.(fraction);
    return { [Symbol.asyncDispose]: () => this.#leave(key, wish) };
  }

  /** Joins work in progress; undefined if there is none. */
  join(key: string, signal: AbortSignal): Promise<T> | undefined {
    const entry = this.#underWay.get(key);
    return entry && this.#join(key, entry, signal);
  }

  /** Joins work in progress, or starts it. `work` reports its progress. */
  async do(
    key: string,
    signal: AbortSignal,
    work: (signal: AbortSignal, report: OnProgress) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    return this.#join(key, this.#underWay.get(key) ?? this.#begin(key, work), signal);
  }

  #begin(key: string, work: (signal: AbortSignal, report: OnProgress) => Promise<T>): UnderWay<T> {
    const stop = new AbortController();
    const current = () => {
      const entry = this.#underWay.get(key);
      return entry?.stop === stop ? entry : undefined;
    };
    const report = (fraction: number) => {
      const entry = current();
      if (!entry) return;
      entry.fraction = fraction;
      for (const { onProgress } of this.#wishes.get(key) ?? []) onProgress?.(fraction);
    };
    const promise = work(stop.signal, report).finally(() => current() && this.#underWay.delete(key));
    promise.catch(() => {}); // Those that have joined handle it; there may be none.
    const entry: UnderWay<T> = { promise, stop, fraction: undefined };
    this.#underWay.set(key, entry);
    return entry;
  }

  async #join(key: string, { promise }: UnderWay<T>, signal: AbortSignal): Promise<T> {
    await using _wish = this.want(key);
    let leave: () => void = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
    });
    try {
      return await Promise.race([promise, left]);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  async #leave(key: string, wish: Wish): Promise<void> {
    const wishes = this.#wishes.get(key);
    if (!wishes?.delete(wish) || wishes.size > 0) return;
    this.#wishes.delete(key);
    const entry = this.#underWay.get(key);
    if (!entry) return;
    this.#underWay.delete(key); // A new wish starts it again.
    entry.stop.abort(new DOMException("Nobody wants it any more.", "AbortError"));
    await entry.promise.catch(() => {}); // Its children and files are gone when it has ended.
  }
}
