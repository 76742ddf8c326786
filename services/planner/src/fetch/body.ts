import type { Readable } from "node:stream";
import { tooLarge } from "./answer.js";
import { networkFault } from "./network-faults.js";
import { TryAgain } from "./try-again.js";

/**
 * The bytes of an answer. Throws TryAgain or PolyreelError `invalid` if they stall, exceed `maxBytes` or end early.
 * Time that the consumer takes does not count as a stall. The answer is destroyed in any case.
 */
export async function* bodyOf(
  answer: Readable,
  announcedBytes: number | undefined,
  { shown, maxBytes, stallMs }: { shown: string; maxBytes: number; stallMs: number },
): AsyncGenerator<Uint8Array> {
  const watch = () =>
    setTimeout(
      () => answer.destroy(new TryAgain(`${shown}: no data received for ${stallMs / 1000} s.`, STALLED)),
      stallMs,
    );
  let bytes = 0;
  let timer = watch();
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge(shown, maxBytes);
      yield chunk;
      timer = watch();
    }
  } catch (error) {
    throw announcedBytes !== undefined && bytes < announcedBytes && isInterrupted(error)
      ? incomplete(shown, announcedBytes, error)
      : networkFault(error, shown);
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
  if (announcedBytes !== undefined && bytes !== announcedBytes) throw incomplete(shown, announcedBytes);
}

const STALLED = "Check that its server is running, or put the file in the store.";

const INTERRUPTED: ReadonlySet<unknown> = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"]);

const isInterrupted = (error: unknown): boolean =>
  error instanceof Error && "code" in error && INTERRUPTED.has(error.code);

/** Does not name the bytes received: data in flight when the connection broke is not counted. */
const incomplete = (shown: string, announcedBytes: number, cause?: unknown): TryAgain =>
  new TryAgain(
    `${shown}: the connection ended before all ${announcedBytes} bytes were received.`,
    "Check that the file is complete on the server, and not written to during the fetch.",
    undefined,
    { cause },
  );
