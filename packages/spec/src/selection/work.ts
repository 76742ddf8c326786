/** Long work in steps of about a millisecond: each yield is a place where others may get a turn. */
export type Work<T> = Generator<void, T>;

const TURN_MS = 10;

/** Does work without keeping the event loop from others. Throws the signal's reason once it aborts. */
export async function inTurns<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
  let began = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - began < TURN_MS) continue;
    await new Promise(setImmediate);
    began = performance.now();
  }
}

/** Does work in one go. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
