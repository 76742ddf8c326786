/** Others get a turn after so long. */
const TURN_MS = 10;

/** Does work whose yields are places where others may get a turn. Throws the signal's reason once it aborts. */
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
