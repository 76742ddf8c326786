/** Long work in slices of about a millisecond: each yield may give control to the event loop. */
export type Work<T> = Generator<void, T>;

const TURN_MS = 10;

/** Runs work without blocking the event loop. Throws the signal's reason when it aborts. */
export async function inSlices<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
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

/** Runs work synchronously. */
export function synchronously<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
