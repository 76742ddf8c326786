/**
 * Batches a source into chunks: everything that arrived while the reader processed the previous one, at most `most`. A
 * slow reader gets large chunks, and the source waits for it.
 */
export async function* inChunks<T>(source: AsyncIterable<T>, most: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  let ended = false;
  let failure: unknown;
  let came = () => {};
  let taken = () => {};
  const reading = (async () => {
    try {
      for await (const item of source) {
        chunk.push(item);
        came();
        while (chunk.length >= most && !ended) await new Promise<void>((resolve) => (taken = resolve));
        if (ended) return;
      }
    } catch (error) {
      failure = error;
    } finally {
      ended = true;
      came();
    }
  })();
  try {
    for (;;) {
      while (chunk.length === 0 && !ended) await new Promise<void>((resolve) => (came = resolve));
      if (chunk.length === 0) break;
      const whole = chunk;
      chunk = [];
      taken();
      yield whole;
    }
    if (failure !== undefined) throw failure;
  } finally {
    ended = true;
    taken();
    await reading;
  }
}
