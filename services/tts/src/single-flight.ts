/** Work that several callers want at the same time is done once. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, { done: Promise<T>; stop: AbortController; waiting: number }>();

  /**
   * Joins the work under way for `key`, or begins it; `first` tells who began it. A caller whose signal aborts stops waiting;
   * the work itself stops when nobody waits for it any more.
   */
  async run(
    key: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ value: T; first: boolean }> {
    signal.throwIfAborted();
    const joined = this.#flights.get(key);
    const flight = joined ?? this.#begin(key, work);
    flight.waiting++;
    let onAbort = () => {};
    const left = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
    });
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return { value: await Promise.race([flight.done, left]), first: joined === undefined };
    } finally {
      signal.removeEventListener("abort", onAbort);
      flight.waiting--;
      if (flight.waiting === 0) flight.stop.abort(signal.reason);
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>) {
    const stop = new AbortController();
    const done = work(stop.signal);
    const flight = { done, stop, waiting: 0 };
    this.#flights.set(key, flight);
    const forget = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    stop.signal.addEventListener("abort", forget, { once: true }); // who comes now begins anew
    done.then(forget, forget);
    return flight;
  }
}
