import { setMaxListeners } from "node:events";

/**
 * What ends work: the end of the process, or that of a batch. One signal for all messages of a batch, for one that joins two
 * others is dear to make, and there are as many messages as combinations.
 */
export class StopSignals {
  readonly #joined = new WeakMap<AbortSignal, AbortSignal>();

  constructor(readonly shutdown: AbortSignal) {
    setMaxListeners(0, shutdown);
  }

  /** Aborts when the process or the batch ends. */
  with(batch: AbortSignal): AbortSignal {
    const known = this.#joined.get(batch);
    if (known) return known;
    const joined = AbortSignal.any([this.shutdown, batch]);
    setMaxListeners(0, joined); // each message that is worked or waits listens
    this.#joined.set(batch, joined);
    return joined;
  }
}
