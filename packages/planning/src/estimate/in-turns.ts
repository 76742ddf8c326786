/** Yields to the event loop after this time. */
const TURN_MS = 10;

/** Runs work that may yield to the event loop at each of its yields. Throws the signal's reason when it aborts. */
export async function inTurns<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
  let began = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - began < TURN_MS) continue;
    await new Promise(setImmediate);
    began = performance.now();
  }
}
