import { setMaxListeners } from "node:events";

/**
 * Signals that stop work: the end of the process or of a batch. All messages of a batch share one signal, because a
 * joined signal is expensive, and there are as many messages as combinations.
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
    setMaxListeners(0, joined); // Each message in progress or waiting adds a listener.
    this.#joined.set(batch, joined);
    return joined;
  }
}
