import { Readable } from "node:stream";

/**
 * Yields the same items until the signal aborts: then it throws the signal's reason at once, also while the source waits
 * for an item that may never come. A stream is destroyed; on any other source, `return` is called.
 */
export async function* abortable<T>(source: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  if (!signal) return yield* source;
  let interrupt = (_reason: unknown) => {};
  const abort = () => interrupt(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const items = source[Symbol.asyncIterator]();
  // One promise per item: racing each against a promise that lives as long as the stream would retain every item.
  const next = () =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      interrupt = reject;
      if (signal.aborted) abort();
      else items.next().then(resolve, reject);
    });
  try {
    for (let item = await next(); !item.done; item = await next()) yield item.value;
  } finally {
    signal.removeEventListener("abort", abort);
    if (source instanceof Readable) source.destroy();
    // Not awaited: a generator returns only after the item it is waiting for.
    else void items.return?.()?.catch(() => {});
  }
}
