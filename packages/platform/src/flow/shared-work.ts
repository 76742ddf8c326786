/** Is told how far something is: 0 to 1. */
export type OnProgress = (fraction: number) => void;

interface UnderWay<T> {
  readonly promise: Promise<T>;
  readonly stop: AbortController;
  /** As it was last told. */
  fraction: number | undefined;
}

/** One who wants something. */
interface Wish {
  readonly onProgress: OnProgress | undefined;
}

/**
 * Work that several want at the same time, done once. It is stopped only when nobody wants it any more: one who leaves
 * (by aborting) does not stop it for the others, nor for those who will come for it.
 */
export class SharedWork<T> {
  readonly #underWay = new Map<string, UnderWay<T>>();
  readonly #wishes = new Map<string, Set<Wish>>();

  /**
   * Wants it, whether it is under way by now or not, until this is disposed of; is told how far it is. When the last wish
   * goes, the work is stopped: that resolves when it has ended.
   */
  want(key: string, onProgress?: OnProgress): AsyncDisposable {
    const wishes = this.#wishes.get(key) ?? new Set();
    const wish = { onProgress };
    this.#wishes.set(key, wishes.add(wish));
    const { fraction } = this.#underWay.get(key) ?? {};
    if (fraction !== undefined) onProgress?.(fraction);
    return { [Symbol.asyncDispose]: () => this.#leave(key, wish) };
  }

  /** What is under way, shared from now on; undefined where nothing is. */
  join(key: string, signal: AbortSignal): Promise<T> | undefined {
    const entry = this.#underWay.get(key);
    return entry && this.#join(key, entry, signal);
  }

  /** Joins what is under way, or begins it. `work` tells how far it is. */
  async do(key: string, signal: AbortSignal, work: (signal: AbortSignal, tell: OnProgress) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    return this.#join(key, this.#underWay.get(key) ?? this.#begin(key, work), signal);
  }

  #begin(key: string, work: (signal: AbortSignal, tell: OnProgress) => Promise<T>): UnderWay<T> {
    const stop = new AbortController();
    const current = () => {
      const entry = this.#underWay.get(key);
      return entry?.stop === stop ? entry : undefined;
    };
    const tell = (fraction: number) => {
      const entry = current();
      if (!entry) return;
      entry.fraction = fraction;
      for (const { onProgress } of this.#wishes.get(key) ?? []) onProgress?.(fraction);
    };
    const promise = work(stop.signal, tell).finally(() => current() && this.#underWay.delete(key));
    promise.catch(() => {}); // whoever has joined is told; perhaps nobody has
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
    this.#underWay.delete(key); // whoever wants it now begins anew
    entry.stop.abort(new DOMException("Nobody wants it any more.", "AbortError"));
    await entry.promise.catch(() => {}); // children and files are gone when it has ended
  }
}
