import type { Readable } from "node:stream";
import { tooLarge } from "./answer.js";
import { networkFault } from "./network-faults.js";
import { TryAgain } from "./try-again.js";

/**
 * The bytes of an answer, as long as they keep coming, are no more than allowed and all there in the end. The time that
 * whoever takes them needs does not count. Throws TryAgain or PolyreelError `invalid`; the answer is let go of on every path.
 */
export async function* bodyOf(
  answer: Readable,
  announcedBytes: number | undefined,
  { shown, maxBytes, stallMs }: { shown: string; maxBytes: number; stallMs: number },
): AsyncGenerator<Uint8Array> {
  const watch = () =>
    setTimeout(
      () => answer.destroy(new TryAgain(`${shown}: nothing more came for ${stallMs / 1000} s.`, STALLED)),
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
    throw announcedBytes !== undefined && bytes < announcedBytes && isBreak(error)
      ? brokenOff(shown, announcedBytes, error)
      : networkFault(error, shown);
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
  if (announcedBytes !== undefined && bytes !== announcedBytes) throw brokenOff(shown, announcedBytes);
}

const STALLED = "Check that its server is up, or put the file in the store.";

const BREAKS: ReadonlySet<unknown> = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"]);

const isBreak = (error: unknown): boolean => error instanceof Error && "code" in error && BREAKS.has(error.code);

/** How much came is not told: what was still on its way to us when the connection broke is not counted. */
const brokenOff = (shown: string, announcedBytes: number, cause?: unknown): TryAgain =>
  new TryAgain(
    `${shown} broke off before the end of its ${announcedBytes} bytes.`,
    "Check that the file is whole there, and that nobody writes to it while it is fetched.",
    undefined,
    { cause },
  );
