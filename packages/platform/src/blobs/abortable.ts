import { Readable } from "node:stream";

/**
 * The same items, until the signal aborts: then its reason is thrown at once, also while the source is waiting for an
 * item that may never come. A stream is destroyed; any other source is told to return.
 */
export async function* abortable<T>(source: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  if (!signal) return yield* source;
  let interrupt = (_reason: unknown) => {};
  const abort = () => interrupt(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const items = source[Symbol.asyncIterator]();
  // A promise an item: racing each against one that lives as long as the stream would keep every item.
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
