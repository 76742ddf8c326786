import type { IncomingMessage } from "node:http";

/** Kept of a response's body, and read of it. */
const MAX_BYTES = 1024;
/** A body that comes slowly is not waited for: the status has decided. */
const MAX_MS = 1000;

/** The beginning of a response's body as text, without control characters; what arrived until it ends, stalls or breaks. */
export async function firstText(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = () => answer.destroy();
  const timer = setTimeout(end, MAX_MS);
  signal.addEventListener("abort", end, { once: true });
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, MAX_BYTES - bytes));
      bytes += chunk.length;
      if (bytes >= MAX_BYTES) break;
    }
  } catch {
    // Ended by us or by the receiver.
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
  return Buffer.concat(chunks)
    .toString()
    .replace(/[^\P{Cc}\n\t]/gu, "");
}
