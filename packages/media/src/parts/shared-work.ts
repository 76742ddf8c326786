/**
 * Work that several want at the same time, done once. It is stopped only when nobody wants it any more: one who leaves
 * (by aborting) does not stop it for the others.
 */
export class SharedWork<T> {
  readonly #underWay = new Map<string, { promise: Promise<T>; wanted: number; stop: AbortController }>();

  /** What is under way, shared from now on; undefined where nothing is. */
  join(key: string, signal: AbortSignal): Promise<T> | undefined {
    const entry = this.#underWay.get(key);
    return entry && this.#join(key, entry, signal);
  }

  async do(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let entry = this.#underWay.get(key);
    if (!entry) {
      const stop = new AbortController();
      const promise = work(stop.signal).finally(() => {
        if (this.#underWay.get(key)?.stop === stop) this.#underWay.delete(key);
      });
      entry = { promise, wanted: 0, stop };
      this.#underWay.set(key, entry);
    }
    return this.#join(key, entry, signal);
  }

  async #join(
    key: string,
    entry: { promise: Promise<T>; wanted: number; stop: AbortController },
    signal: AbortSignal,
  ): Promise<T> {
    entry.wanted++;
    let leave: () => void = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
    });
    try {
      return await Promise.race([entry.promise, left]);
    } finally {
      signal.removeEventListener("abort", leave);
      if (--entry.wanted === 0 && signal.aborted) {
        if (this.#underWay.get(key) === entry) this.#underWay.delete(key);
        entry.stop.abort(signal.reason);
        await entry.promise.catch(() => {}); // children and files are gone when it has ended
      }
    }
  }
}
